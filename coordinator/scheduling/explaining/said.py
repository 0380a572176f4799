"""How reasons and repairs say dates, names and gaps."""

import datetime
from collections.abc import Sequence

from coordinator.scheduling.problem import Gap, Link


def date(day: datetime.date) -> str:
    """``4 May 2026``."""
    return f"{day.day} {day:%B %Y}"


def moment(wall: datetime.datetime) -> str:
    """``4 May 2026, 09:00``."""
    return f"{date(wall)}, {wall:%H:%M}"


def a(name: str) -> str:
    """A name with its article."""
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


def capabilities(names: Sequence[str]) -> str:
    """What one resource has to be able to do."""
    return " and ".join(each.replace("-", " ") for each in names) or "resource"


def listed(names: Sequence[str]) -> str:
    """``exam, mri and review``; of many the first and the last."""
    if len(names) > 5:
        return f"{names[0]} to {names[-1]}"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def count(number: int, unit: str) -> str:
    """``1 day``, ``2 days``; ``unit`` is the word for several."""
    return f"{number} {unit[:-1] if number == 1 else unit}"


def gap(allowed: Gap, unit: str) -> str:
    """``by 2 to 7 days``."""
    least, most = allowed.least, allowed.most
    if most is None:
        return f"by at least {count(least, unit)}"
    if least == most == 0:
        return "on the same date" if unit == "days" else "at once"
    if least == most:
        return f"by exactly {count(least, unit)}"
    return f"within {count(most, unit)}" if least == 0 else f"by {least} to {count(most, unit)}"


def apart(link: Link) -> str:
    """How far a link lets two steps be apart, with a blank before it."""
    gaps = [
        gap(each, unit) for each, unit in ((link.days, "days"), (link.minutes, "minutes")) if each is not None
    ]
    return f" {' and '.join(gaps)}" if gaps else ""


def minutes(number: int) -> str:
    """``2 days 1 hour 30 minutes``."""
    days, rest = divmod(number, 1440)
    hours, left = divmod(rest, 60)
    parts = [
        count(much, unit) for much, unit in ((days, "days"), (hours, "hours"), (left, "minutes")) if much
    ]
    return " ".join(parts) or "0 minutes"
