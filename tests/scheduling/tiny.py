"""Tiny problem files by a seed, with everything the format allows, in places where dates are odd."""

import random
from typing import Any

from .clinic import a_file, link, need, phase, plan, resource, step

HOURS = {
    ("Europe/Amsterdam", "2026-03-28T19:00:00+00:00"): "an hour is skipped",
    ("Europe/Amsterdam", "2026-10-24T17:00:00+00:00"): "an hour comes twice",
    ("America/St_Johns", "2026-03-08T00:30:00+00:00"): "half an hour off, an hour is skipped",
    ("Australia/Lord_Howe", "2026-04-04T10:00:00+00:00"): "half an hour comes twice",
    ("Australia/Lord_Howe", "2026-10-03T10:30:00+00:00"): "half an hour is skipped",
    ("Asia/Kathmandu", "2026-05-01T14:00:00+00:00"): "45 minutes off",
    ("Africa/Cairo", "2026-04-23T18:00:00+00:00"): "the date begins at one",
    ("Africa/Cairo", "2026-10-29T17:00:00+00:00"): "the hour before midnight comes twice",
    ("America/Sao_Paulo", "2018-11-03T22:00:00+00:00"): "the date begins at one",
    ("America/Sao_Paulo", "2018-02-17T22:00:00+00:00"): "the hour before midnight comes twice",
    ("Pacific/Apia", "2011-12-30T04:00:00+00:00"): "30 December is missing",
    ("Pacific/Kwajalein", "1993-08-21T06:00:00+00:00"): "21 August is missing",
    ("Asia/Pyongyang", "2015-08-14T11:00:00+00:00"): "the half hour before midnight comes twice",
    ("Antarctica/Troll", "2026-03-28T20:00:00+00:00"): "two hours are skipped",
}
SIZES = [(30, 360), (60, 660), (60, 720), (90, 990), (180, 2160), (360, 4320), (720, 8640), (25, 325)]
CAN = ["doctor", "nurse", "room"]
GAPS: list[dict[str, Any]] = [
    {}, {}, {"days": [0, 0]}, {"days": [1, 1]}, {"days": [0, 1]}, {"days": [2, None]}, {"days": [1, 2]},
    {"minutes": [0, 60]}, {"minutes": [60, None]}, {"days": [0, 1], "minutes": [30, 400]},
]  # fmt: skip
PRICES = {"finish_day": (0, 20, 100), "visit_day": (0, 50, 300), "wait_minute": (0, 1, 1, 3),
          "preference": (0, 50, 130), "continuity": (0, 70, 150), "location_rank": (0, 90, 400), "moved": (0, 40, 250),
          "reassigned": (0, 20, 45), "unplaced": (150, 600, 30_000)}  # fmt: skip


class Tiny:
    """What the parts of one problem file have in common."""

    def __init__(self, seed: str) -> None:
        self.rnd = random.Random(seed)
        self.grid, self.minutes = self.rnd.choice(SIZES)

    def chance(self, share: float) -> bool:
        """Yes in this share of cases."""
        return self.rnd.random() < share

    def some(self, values: list[Any], most: int) -> list[Any]:
        """A few of the values, in any order."""
        return self.rnd.sample(values, self.rnd.randint(1, min(most, len(values))))

    def spans(self, share: float) -> list[list[int]]:
        """Apart intervals over about this share of the horizon; mostly on the grid."""
        unit, edges = self.grid if self.chance(0.8) else 5, set[int]()
        for _ in range(self.rnd.choice((1, 1, 2, 3))):
            edges |= set(self.rnd.sample(range(0, self.minutes + 1, unit), 2))
        line = sorted(edges)[: len(edges) // 2 * 2]
        pairs = [[low, high] for low, high in zip(line[::2], line[1::2], strict=True)]
        return [[0, self.minutes]] if self.chance(share) else pairs or [[0, self.minutes]]

    def resources(self) -> list[dict[str, Any]]:
        """Mostly someone for everything in both places, and some more; some of them under several names."""
        same = [{}, {}, {}, {}, {"same_as": "one"}, {"same_as": "two"}]
        wanted = [(can, at) for can in CAN for at in ("north", "south") if self.chance(0.9)]
        wanted += [(self.rnd.choice(CAN), "north") for _ in range(self.rnd.choice((0, 1, 2)))]
        return [
            resource(f"r{n}", *{can, self.rnd.choice([can, can, *CAN])}, at=at, free=self.spans(0.5),
                     **self.rnd.choice(same))
            for n, (can, at) in enumerate(wanted)
        ]  # fmt: skip

    def need(self, labels: list[str]) -> dict[str, Any]:
        """One need; each label at most once a phase."""
        made = need(*self.some(CAN, 1 if self.chance(0.9) else 2))
        if labels and self.chance(0.25):
            made["as"] = labels.pop()
        for side in ("before", "after"):
            if self.chance(0.15):
                made[side] = self.rnd.choice([0, 10, self.grid, 2 * self.grid])
        return made

    def step(self, key: str, names: list[str]) -> dict[str, Any]:
        """A task, or a step of at most three phases."""
        phases = []
        for _ in range(self.rnd.choice((0, 1, 1, 1, 1, 1, 2, 2, 3))):
            labels = self.rnd.sample(["a", "b"], 2)
            needs = [self.need(labels) for _ in range(self.rnd.choice((0, 1, 1, 1, 2, 2, 3)))]
            length = self.grid * self.rnd.choice((1, 1, 2)) // self.rnd.choice((1, 1, 2))
            phases.append(phase(length, *needs, **self.rnd.choice(({}, {}, {}, {"patient": False}))))
        made = step(key, *phases)
        if self.chance(0.3):
            made["prefer"] = self.some(names, 2)
        if self.chance(0.12):
            made["windows"] = self.spans(0.1)[::-1]
        return made | ({"remote": True} if self.chance(0.15) else {})

    def booked(self, steps: list[dict[str, Any]], names: list[str]) -> dict[str, Any]:
        """Some steps as they are booked now, a few of them pinned."""
        booked = {}
        for each in self.some(steps, 2):
            uses = [[self.rnd.choice([*names, "gone"]) for _ in part["needs"]] for part in each["phases"]]
            booked[each["id"]] = {
                "start": self.grid * self.rnd.randrange(self.minutes // self.grid),
                "uses": uses,
            }
        pinned = {"pinned": self.some(list(booked), 1)} if self.chance(0.2) else {}
        return {"booked": booked, "booked_location": self.rnd.choice(["north", "south"])} | pinned

    def ties(self, keys: list[str]) -> dict[str, Any]:
        """What ties the steps: links, series, dates."""
        order = self.rnd.sample(keys, len(keys))
        made: dict[str, Any] = {
            "links": [
                link(one, other, **self.rnd.choice(GAPS))
                for index, one in enumerate(order) for other in order[index + 1:] if self.chance(0.25)
            ],
            "series": [
                {"steps": self.some(keys, 3), "capability": self.rnd.choice(CAN), "same": self.chance(0.5)}
                for _ in range(self.rnd.choice((0, 0, 1, 2)))
            ],
        }  # fmt: skip
        for kind, share in (("same_day", 0.12), ("not_same_day", 0.15)):
            made[kind] = [self.some(keys, 3)] if self.chance(share) else []
        return made

    def plan(self, key: str, names: list[str], most: int) -> dict[str, Any]:
        """One plan of at most so many steps."""
        steps = [self.step(f"s{n}", names) for n in range(self.rnd.randint(1, most))]
        where = self.rnd.choice([["north"], ["north"], ["north", "south"], ["south", "north"]])
        made = plan(*steps, id=key, locations=where, **self.ties([each["id"] for each in steps]))
        if self.chance(0.25):
            made["free"] = self.spans(0.2)
        if self.chance(0.2):
            made["max_day_minutes"] = self.grid * self.rnd.randint(1, 5)
        if self.chance(0.2):
            made["earliest"] = self.rnd.randrange(self.minutes // 2)
        return made | (self.booked(steps, names) if self.chance(0.4) else {})


def a_tiny_file(seed: str, plans: int = 1, most: int = 3) -> dict[str, Any]:
    """A tiny problem file; the same seed gives the same one."""
    tiny = Tiny(seed)
    resources, rnd = tiny.resources(), tiny.rnd
    (zone, start), other = rnd.choice(sorted(HOURS)), rnd.choice(sorted(HOURS))[0]
    places = [{"id": "north", "timezone": zone}, {"id": "south", "timezone": rnd.choice([zone, other])}]
    names = [each["id"] for each in resources]
    made = [tiny.plan(f"p{n}", names, most) for n in range(plans)]
    if plans > 1 and tiny.chance(0.5):
        made = [each | {"patient": "someone"} for each in made]
    return a_file(*made, resources=resources, minutes=tiny.minutes, grid=tiny.grid, start=start, locations=places,
                  weights={name: rnd.choice(some) for name, some in PRICES.items()})  # fmt: skip
