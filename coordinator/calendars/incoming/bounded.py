"""Files of others as values: read in a process of its own, with little time and memory, and told back."""

from coordinator.calendars.incoming import doors
from coordinator.calendars.incoming.busy import Busy, Window
from coordinator.calendars.incoming.child import TOO_MUCH, GaveUp, asked
from coordinator.calendars.incoming.reading import Kind, Reading


def read(octets: bytes) -> Reading:
    """A mail or a calendar file, and all that the mail says. Never raises for what is in it."""
    try:
        return doors.reading_from_json(asked(["read", "--whole", "-"], octets))
    except GaveUp as gave_up:
        return Reading(kind=Kind.NONE, problems=[TOO_MUCH.format(gave_up)])


def busy(octets: bytes, window: Window) -> Busy:
    """The busy times of a calendar file. Never raises for what is in it."""
    dates = ["--from", window.first.isoformat(), "--to", window.end.isoformat(), "--zone", window.place.key]
    try:
        return doors.busy_from_json(asked(["busy", *dates, "--whole", "-"], octets))
    except GaveUp as gave_up:
        return Busy(problems=[TOO_MUCH.format(gave_up)], readable=False)
