"""Working hours that are partly booked already, as minutes since the first day."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST = date(2026, 2, 2)  # a Monday
START = datetime(2026, 2, 2, tzinfo=UTC)
GRID = 5
BOOKED = (15, 30, 45, 60)  # lengths of appointments
IN_A_ROW = 6.7  # appointments that follow one another, on average

EARLY, LATE, LONG = (time(8), time(16)), (time(10), time(18)), (time(8), time(18))


def minute(day: int, at: time, zone: ZoneInfo) -> int:
    """The minute at which a clock in ``zone`` shows ``at`` on a day."""
    wall = datetime.combine(FIRST + timedelta(days=day), at, tzinfo=zone)
    return int((wall.astimezone(UTC) - START).total_seconds() // 60)


def free_times(
    draw: random.Random,
    days: int,
    weekdays: set[int],
    hours: tuple[time, time],
    booked: float,
    zone: ZoneInfo,
) -> list[list[int]]:
    """What is left of somebody's hours when a share of them, ``booked``, is taken at random."""
    free: list[list[int]] = []
    for day in range(days):
        if (FIRST + timedelta(days=day)).weekday() in weekdays:
            begin, end = (minute(day, at, zone) for at in hours)
            free += _gaps(draw, max(begin, 0), min(end, days * 1440), booked)
    return free


def _gaps(draw: random.Random, begin: int, end: int, booked: float) -> list[list[int]]:
    """The free stretches of one day: rows of appointments, and breaks between the rows."""
    if not booked:
        return [[begin, end]]
    row = IN_A_ROW * sum(BOOKED) / len(BOOKED)
    gap = row * (1 - booked) / booked
    gaps, now = [], begin + (_length(draw, gap) if draw.random() > booked else 0)
    if now > begin:
        gaps.append([begin, min(now, end)])
    while now < end:
        for _ in range(1 + int(draw.expovariate(1 / (IN_A_ROW - 1)))):
            now += draw.choice(BOOKED)
        if now < end:
            length = _length(draw, gap)
            gaps.append([now, min(now + length, end)])
            now += length
    return gaps


def _length(draw: random.Random, mean: float) -> int:
    """A length on the grid, not less than one tick of it."""
    return max(GRID, round(draw.expovariate(1 / mean) / GRID) * GRID)
