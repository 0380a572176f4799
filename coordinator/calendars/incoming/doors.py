"""What was read, as JSON and back: how the process that reads a foreign file tells the one that asked."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from coordinator.calendars.incoming.busy import Busy, BusyTime, Sort
from coordinator.calendars.incoming.events import ReadEvent
from coordinator.calendars.incoming.instants import Moment, text
from coordinator.calendars.incoming.mails import CalendarPart, Mail
from coordinator.calendars.incoming.reading import Kind, Reading


def reading_to_json(reading: Reading, *, with_mail: bool = False) -> dict[str, Any]:
    """The contract of ``read``; ``with_mail`` adds what else the mail says, for our own use."""
    told: dict[str, Any] = {
        "kind": reading.kind.value,
        "events": [_event(each) for each in reading.events],
        "problems": list(reading.problems),
    }
    if with_mail:
        told["mail"] = asdict(reading.mail) if reading.mail is not None else None
    return told


def _event(event: ReadEvent) -> dict[str, Any]:
    begin, end = event.proposed or (None, None)
    return {
        "uid": event.uid,
        "recurrence_id": text(event.recurrence_id),
        "sequence": event.sequence,
        "dtstamp": text(event.dtstamp),
        "attendee": event.attendee,
        "partstat": event.partstat,
        "start": text(event.start),
        "end": text(event.end),
        "all_day": event.all_day,
        "status": event.status,
        "organizer": event.organizer,
        "comment": event.comment,
        "proposed": {"start": text(begin), "end": text(end)} if begin is not None else None,
    }


def reading_from_json(told: Mapping[str, Any]) -> Reading:
    """The same as values again."""
    mail = told.get("mail")
    if mail is not None:
        mail = Mail(**mail | {"parts": [CalendarPart(**part) for part in mail["parts"]]})
    return Reading(
        kind=Kind(told["kind"]),
        events=[_read_event(each) for each in told["events"]],
        problems=told["problems"],
        mail=mail,
    )


def _read_event(told: Mapping[str, Any]) -> ReadEvent:
    values = {name: value for name, value in told.items() if name not in {"all_day", "proposed"}}
    for name in ("recurrence_id", "dtstamp", "start", "end"):
        values[name] = _moment(told[name])
    proposed = told["proposed"]
    begin = _moment(proposed["start"]) if proposed else None
    return ReadEvent(**values, proposed=(begin, _moment(proposed["end"])) if begin is not None else None)


def busy_to_json(busy: Busy, *, whole: bool = False) -> dict[str, Any]:
    """The contract of ``busy``; ``whole`` adds whether it could be read at all, for our own use."""
    return ({"readable": busy.readable} if whole else {}) | {
        "busy": [[text(each.starts_at), text(each.ends_at), each.sort.value] for each in busy.times],
        "assumed_zone": busy.assumed_zone,
        "problems": list(busy.problems),
    }


def busy_from_json(told: Mapping[str, Any]) -> Busy:
    """The same as values again."""
    return Busy(
        times=[BusyTime(_instant(begin), _instant(end), Sort(sort)) for begin, end, sort in told["busy"]],
        assumed_zone=told["assumed_zone"],
        readable=told["readable"],
        problems=told["problems"],
    )


def _moment(told: str | None) -> Moment | None:
    if told is None:
        return None
    return datetime.fromisoformat(told) if "T" in told else date.fromisoformat(told)


def _instant(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)
