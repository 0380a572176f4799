"""Invites, updates and cancellations for the one person they are about (RFC 5546, iTIP)."""

from collections.abc import Sequence

from icalendar import Event

from coordinator.calendars import writing
from coordinator.calendars.visits import Visit
from coordinator.errors import Refusal


def invite(visit: Visit) -> bytes:
    """Ask the person to a visit; with a higher ``sequence``, tell them that it changed.

    An update asks for a new answer: yes to one time is not yes to another.
    """
    return _to_one_person(visit, "REQUEST")


def cancellation(visit: Visit) -> bytes:
    """Take a visit out of the person's calendar; its ``sequence`` is higher than that of the last invite."""
    return _to_one_person(visit, "CANCEL")


def declined(visit: Visit) -> bytes:
    """Tell that a proposed time was declined: the visit stays as it is, in the revision that they know.

    RFC 5546, 3.2.8.
    """
    return _to_one_person(visit, "DECLINECOUNTER")


def added(visits: Sequence[Visit], name: str) -> bytes:
    """A file that a person adds to their calendar by hand, with all of ``visits`` and nobody to answer to.

    The UIDs are those of the invites, so a visit that the calendar knows is not shown twice. Raises
    Refusal where there is none.
    """
    if not visits:
        raise Refusal("There is no appointment to add to a calendar.")
    written = writing.calendar("PUBLISH")
    written.add("x-wr-calname", writing.title(name))
    for visit in sorted(visits, key=lambda visit: (visit.starts_at, visit.uid)):
        written.add_component(_told(visit, cancelled=False))
    return bytes(written.to_ical())


def _to_one_person(visit: Visit, method: str) -> bytes:
    cancelled = method == "CANCEL"
    told = _told(visit, cancelled=cancelled)
    part = {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION"}
    told.add("attendee", writing.mailbox(visit.attendee, **part, RSVP="FALSE" if cancelled else "TRUE"))
    written = writing.calendar(method)
    written.add_component(told)
    return bytes(written.to_ical())


def _told(visit: Visit, *, cancelled: bool) -> Event:
    told = writing.booked(
        visit.uid,
        visit.sequence,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        revised_at=visit.revised_at,
        cancelled=cancelled,
    )
    writing.describe(told, visit.summary, visit.place, visit.description, visit.language)
    if visit.url:
        told.add("url", visit.url)
    told.add("organizer", writing.mailbox(visit.organizer))
    return told
