"""The one crossing between wall time and instants; no other file knows zoneinfo."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from coordinator.errors import NoSuchTime, UnknownZone

Zone = ZoneInfo
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def now() -> datetime:
    """The present instant, to the second. Doors read it once and hand it down."""
    return datetime.now(UTC).replace(microsecond=0)


@cache
def zone(name: str) -> ZoneInfo:
    """The IANA zone called ``name``. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZone("There is no time zone called {name}.", name=name) from error


def to_instant(wall: datetime, place: ZoneInfo) -> datetime:
    """The UTC instant at which a clock in ``place`` shows ``wall``.

    Raises NoSuchTime where the clock skips ``wall`` or shows it twice: a person has to choose, not we.
    """
    first, second = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        raise NoSuchTime(
            "{time} is skipped or shown twice in {zone}.", time=f"{wall:%Y-%m-%d %H:%M}", zone=place.key
        )
    return first


def first_instant(wall: datetime, place: ZoneInfo) -> datetime:
    """The first UTC instant at which a clock in ``place`` shows ``wall`` or, where it skips that, a later time.

    For times that a program computes (a reminder, a habit); what a person typed goes through ``to_instant``.
    """
    early, late = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early <= late:
        return early  # a usual time, or the first of two
    return _end_of_gap(late, early, place)


def _end_of_gap(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """The instant between two at which the clock in ``place`` jumps forward."""
    offset = before.astimezone(place).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(place).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def to_wall(instant: datetime, place: ZoneInfo) -> datetime:
    """What a clock in ``place`` shows at ``instant`` (aware, with the zone). Naive instants are refused."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(place)


def local_date(instant: datetime, place: ZoneInfo) -> date:
    """The calendar date in ``place`` at ``instant``."""
    return to_wall(instant, place).date()


def day_start(day: date, place: ZoneInfo) -> datetime:
    """The first UTC instant of the calendar date ``day`` in ``place``."""
    return first_instant(datetime.combine(day, time()), place)


def day_starts(first: date, days: int, place: ZoneInfo) -> list[datetime]:
    """The first UTC instants of ``days`` calendar dates, from ``first`` on."""
    return [day_start(first + timedelta(days=n), place) for n in range(days)]


def spans_of_day(
    day: date, walls: list[tuple[time, time]], place: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """The UTC stretches of wall-time spans on one date; an end of 00:00 is the end of the day."""
    for begin, end in walls:
        last = day if end > time() else day + timedelta(days=1)
        starts_at = first_instant(datetime.combine(day, begin), place)
        ends_at = first_instant(datetime.combine(last, end), place)
        if starts_at < ends_at:
            yield starts_at, ends_at


def weekday(day: date) -> str:
    """The three-letter name that hours are kept under (``mon`` … ``sun``)."""
    return WEEKDAYS[day.weekday()]
