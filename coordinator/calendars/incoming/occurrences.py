"""When events of others happen: rules of recurrence, held within bounds before anybody works them off."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import recurring_ical_events
from icalendar import Calendar, Component, vDDDLists, vDDDTypes, vInt, vRecur

from coordinator.calendars.incoming.instants import EARLIEST, Clocks, is_whole

RULES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
"""Nobody has appointments by the hour for years."""
MOST_IN_A_DAY = 24
MOST_PARTS = 100
"""So many numbers may stand in the BY… parts of one rule."""
MARGIN = timedelta(days=2)
LONGEST = timedelta(days=366 * 10)
"""What is said to last longer is left to the library, and to the dates that we ask for."""
LASTS = "X-LASTS-SECONDS"
"""Our own note at an event, which each of its times inherits."""
_EVENT = re.compile(r"^BEGIN:VEVENT\s*$.*?^END:VEVENT\s*$", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_REPEATS = re.compile(r"^(RRULE|RDATE|RECURRENCE-ID|DURATION)[;:]", re.IGNORECASE | re.MULTILINE)
_DATE = r"^{}(?:;[^:\n]*)?:(\d{{8}})"
_START, _END = (re.compile(_DATE.format(name), re.IGNORECASE | re.MULTILINE) for name in ("DTSTART", "DTEND"))


def without_what_is_far(text: str, first: date, end: date) -> str:
    """A calendar without the single events that are clearly over or far ahead: of many years, few are left to read."""
    early, late = (f"{day:%Y%m%d}" for day in (first - MARGIN, end + MARGIN))
    alarm = re.compile(r"^BEGIN:VALARM.*?^END:VALARM\s*?$", re.IGNORECASE | re.MULTILINE | re.DOTALL)

    def kept(found: re.Match[str]) -> str:
        event = found[0]
        if _REPEATS.search(alarm.sub("", event)):
            return event
        starts, ends = _START.search(event), _END.search(event)
        if starts is None:
            return event
        return "" if (ends or starts)[1] < early or starts[1] > late else event

    return _EVENT.sub(kept, text.replace("\r\n", "\n"))


def within(calendar: Calendar, starts_at: datetime, ends_at: datetime, clocks: Clocks) -> Iterator[Component]:
    """Each event of a calendar, each time that it happens between two instants, cancelled ones too.

    What cannot be worked off is noted with ``clocks``, and its first time counts.
    """
    events = _newest(calendar)
    for event in events:
        _place(event, clocks)
        _measure(event)
        _bound(event, ends_at, clocks)
    series = Calendar()
    for event in [each for each in events if is_whole(each.get("DTSTART"))]:
        series.add_component(event)
    try:
        yield from recurring_ical_events.of(series).between(starts_at - MARGIN, ends_at + MARGIN)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        clocks.problems.append(f"a recurring event cannot be worked off: {str(error)[:100]}")
        yield from _one_by_one(series, starts_at, ends_at)


def _one_by_one(series: Calendar, starts_at: datetime, ends_at: datetime) -> Iterator[Component]:
    """Each event by itself, and of one that cannot be worked off its first time."""
    for event in series.walk("VEVENT"):
        alone = Calendar()
        alone.add_component(event)
        try:
            yield from recurring_ical_events.of(alone).between(starts_at - MARGIN, ends_at + MARGIN)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            yield event


def _newest(calendar: Calendar) -> list[Component]:
    """All events; of several versions of one, or of one time of a series, that of the highest SEQUENCE."""
    newest: dict[object, Component] = {}
    for number, event in enumerate(calendar.walk("VEVENT")):
        uid = str(event.get("UID", "")) or number
        again = event.get("RECURRENCE-ID")
        key = (uid, again.dt if is_whole(again) and not isinstance(again, list) else None)
        if key not in newest or _sequence(event) >= _sequence(newest[key]):
            newest[key] = event
    return list(newest.values())


def _sequence(event: Component) -> int:
    written = event.get("SEQUENCE")
    return int(written) if isinstance(written, int) else 0


def _place(event: Component, clocks: Clocks) -> None:
    """Give every time of an event its zone, so that a series keeps its hour by the clocks of that place."""
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        written = event.get(name)
        if is_whole(written) and isinstance(getattr(written, "dt", None), datetime):
            placed = vDDDTypes(clocks.placed(written.dt, written.params.get("TZID")))
            placed.params.update({key: value for key, value in written.params.items() if key == "RANGE"})
            event[name] = placed
    for name in ("EXDATE", "RDATE"):
        written = event.get(name)
        lists = written if isinstance(written, list) else [written]
        moments = [
            clocks.placed(each.dt, each_list.params.get("TZID")) if isinstance(each.dt, datetime) else each.dt
            for each_list in lists
            if is_whole(each_list)
            for each in each_list.dts
        ]
        if moments:
            event[name] = vDDDLists(moments)


def _measure(event: Component) -> None:
    """Note how long an event lasts: hours are hours also in the night when the clocks change (RFC 5545, 3.8.5.3)."""
    begin, end = (_when(event, name) for name in ("DTSTART", "DTEND"))
    written = event.get("DURATION")
    lasts = getattr(written, "td", None) if is_whole(written) else None
    if not isinstance(begin, datetime):
        return
    if isinstance(end, datetime):
        lasts = end.astimezone(UTC) - begin.astimezone(UTC) if begin.tzinfo and end.tzinfo else end - begin
    elif lasts is None or lasts >= timedelta(days=1):
        return  # days are days, however long they are
    if timedelta() <= lasts <= LONGEST:
        event[LASTS] = vInt(lasts // timedelta(seconds=1))


def _when(event: Component, name: str) -> object:
    """What a property says, where it could be read."""
    written = event.get(name)
    return getattr(written, "dt", None) if is_whole(written) and not isinstance(written, list) else None


def lasts(event: Component) -> timedelta | None:
    """How long an event lasts by the second, where that is known."""
    noted = event.get(LASTS)
    return timedelta(seconds=noted) if isinstance(noted, int) else None


def _bound(event: Component, ends_at: datetime, clocks: Clocks) -> None:
    """Hold the rules of an event within bounds: none by the hour or endless, none that is worked off past our dates."""
    written = event.get("RRULE")
    if written is None:
        return
    rules = written if isinstance(written, list) else [written]
    begin = _when(event, "DTSTART")
    kept = [rule for rule in rules if is_whole(rule) and _is_sane(rule, begin, clocks)]
    del event["RRULE"]
    if len(kept) < len(rules):
        clocks.problems.append("a rule of recurrence is left out; the first time counts")
    if kept and isinstance(begin, date):
        event["RRULE"] = _until(kept[0], begin, ends_at)


def _is_sane(rule: vRecur, begin: object, clocks: Clocks) -> bool:
    frequency = str(rule.get("FREQ", [""])[0]).upper()
    if frequency not in RULES or not isinstance(begin, date) or begin.year < EARLIEST:
        clocks.problems.append(f"nobody recurs {frequency.lower() or 'by no rule'}")
        return False
    parts = {name.upper(): values if isinstance(values, list) else [values] for name, values in rule.items()}
    in_a_day = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        in_a_day *= max(1, len(parts.get(name, ())))
    numbers = sum(len(values) for name, values in parts.items() if name.startswith("BY"))
    interval = parts.get("INTERVAL", [1])[0]
    return in_a_day <= MOST_IN_A_DAY and numbers <= MOST_PARTS and isinstance(interval, int) and interval >= 1


def _until(rule: vRecur, begin: date, ends_at: datetime) -> vRecur:
    """The same rule, over at the end of our dates; a count that reaches beyond them cannot be reached."""
    last = (ends_at + MARGIN).astimezone(UTC)
    count = rule.get("COUNT", [None])[0]
    first = begin.date() if isinstance(begin, datetime) else begin
    if count is not None and count <= MOST_IN_A_DAY * max(1, (last.date() - first).days):
        return rule
    bounded = vRecur({name: values for name, values in rule.items() if name.upper() != "COUNT"})
    until = rule.get("UNTIL", [None])[0]
    said = until.date() if isinstance(until, datetime) else until
    if said is None or said > last.date():
        bounded["UNTIL"] = [last if isinstance(begin, datetime) else last.date()]
    return bounded
