"""Clinics of any size with part-booked calendars, and plans to book into them; the same seed, the same clinic."""

import random
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from benchmarks.engine.calendars import EARLY, GRID, LATE, LONG, START, free_times
from benchmarks.engine.plans import SHAPES, Json

STAFF = {"pain-physician": 8, "interventionist": 3, "nurse": 10, "recovery-nurse": 3, "radiographer": 4,
         "psychologist": 4, "physiotherapist": 10, "occupational-therapist": 3, "dietitian": 2}  # fmt: skip
ROOMS = {"exam-room": 8, "consult-room": 6, "mri": 2, "procedure-bay": 3, "fluoroscopy-suite": 2, "recovery-bay": 4,
         "gym-place": 6, "meeting-room": 2, "c-arm": 2}  # fmt: skip
RARE = {"mri", "fluoroscopy-suite"}  # rooms as much in demand as staff
WEIGHTS = {"finish_day": 100, "visit_day": 300, "wait_minute": 1, "preference": 100, "continuity": 150,
           "location_rank": 400, "moved": 250, "reassigned": 20, "unplaced": 30_000}  # fmt: skip


def make(
    seed: int,
    shape: str = "programme",
    *,
    days: int = 182,
    scale: int = 1,
    locations: int = 1,
    plans: int = 1,
    load: float = 0.8,
    zone: str = "Europe/Amsterdam",
) -> Json:
    """A problem file. ``scale`` multiplies staff and rooms, ``load`` is the share of their time that is booked."""
    draw = random.Random(f"{seed} {shape} {days} {scale} {locations} {plans} {load}")
    places = [f"site-{number + 1}" for number in range(locations)]
    resources = [
        each for place in places for each in _resources(draw, place, days, scale, load, ZoneInfo(zone))
    ]
    doctors = [f"{place}.pain-physician-1" for place in places]
    made = [
        {"id": f"plan-{number + 1}", "locations": draw.sample(places, len(places)),
         "earliest": draw.randrange(14) * 1440 if plans > 1 else 0} | SHAPES[shape](draw, doctors)
        for number in range(plans)
    ]  # fmt: skip
    return {"format": "coordinator-problem/1", "start": START.isoformat(), "minutes": days * 1440, "grid": GRID,
            "weights": WEIGHTS, "locations": [{"id": place, "timezone": zone} for place in places],
            "resources": resources, "plans": made}  # fmt: skip


def _resources(
    draw: random.Random, place: str, days: int, scale: int, load: float, zone: ZoneInfo
) -> Iterator[Json]:
    """The staff, four days a week, early or late, and the rooms and devices of one location."""
    for capability, count in (STAFF | ROOMS).items():
        for number in range(count * scale):
            if capability in STAFF:
                weekdays, hours, booked = set(draw.sample(range(5), 4)), draw.choice((EARLY, LATE)), load
            else:
                weekdays, hours, booked = set(range(5)), LONG, load if capability in RARE else load * 0.75
            yield {"id": f"{place}.{capability}-{number + 1}", "location": place, "capabilities": [capability],
                   "free": free_times(draw, days, weekdays, hours, booked, zone)}  # fmt: skip


def infeasible(seed: int, days: int = 182) -> Json:
    """A programme that cannot be: a session every day, also on the days on which nobody works."""
    made = make(seed, days=days)
    for link in made["plans"][0]["links"]:
        if link["from"].startswith("session") and link["to"].startswith("session"):
            link["days"] = [1, 1]
    return made
