"""Treatment plans of the kinds that pain clinics book, as the problem file writes them."""

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


def step(key: str, *phases: tuple[int, str], prefer: list[str] | None = None, patient: bool = True) -> Json:
    """A step; each phase is its minutes and the capabilities needed, with a space between."""
    made: Json = {"id": key, "phases": [{"minutes": minutes, "needs": [{"all": [each]} for each in needs.split()]}
                                        for minutes, needs in phases]}  # fmt: skip
    for phase in made["phases"] if not patient else ():
        phase["patient"] = False
    return made | ({"prefer": prefer} if prefer else {})


def link(one: str, other: str, least: int, most: int | None = None, minutes: list[int] | None = None) -> Json:
    """``other`` so many days after ``one``."""
    return {"from": one, "to": other, "days": [least, most]} | ({"minutes": minutes} if minutes else {})


def programme(draw: random.Random, doctor: list[str]) -> Json:
    """A whole course of twenty steps: examination, imaging, a nerve block, twelve sessions, a last talk."""
    sessions = [f"session-{number}" for number in range(1, 13)]
    block = step("block", (15, "nurse procedure-bay"),
                 (30, "interventionist nurse radiographer fluoroscopy-suite c-arm"),
                 (30, "recovery-nurse recovery-bay"))  # fmt: skip
    steps = [
        step("exam", (15, "nurse consult-room"), (45, "pain-physician exam-room"), prefer=doctor),
        step("mri", (45, "radiographer mri")),
        step("psychology", (60, "psychologist consult-room")),
        step("diet", (30, "dietitian consult-room")),
        step("review", (20, "pain-physician exam-room"), prefer=doctor),
        block,
        *(step(key, (30, "physiotherapist gym-place")) for key in sessions),
        step("daily-life", (45, "occupational-therapist gym-place")),
        step("last-talk", (30, "pain-physician exam-room"), prefer=doctor),
    ]
    links = [link("exam", "mri", 0, 14), link("exam", "psychology", 0, 21), link("exam", "diet", 0, 21),
             link("mri", "review", 1, 14), link("psychology", "review", 0, 28), link("diet", "block", 0, 40),
             link("review", "block", 2, 21), link("block", sessions[0], 3, 10), *_chain(sessions, 2, 7),
             link(sessions[5], "daily-life", 0, 10), link(sessions[-1], "last-talk", 1, 14),
             link("daily-life", "last-talk", 0, 60)]  # fmt: skip
    series = {"steps": sessions, "capability": "physiotherapist", "same": draw.random() < 0.5}
    return {"steps": steps, "links": links, "series": [series]}


def _chain(keys: list[str], least: int, most: int) -> Iterator[Json]:
    return (link(one, other, least, most) for one, other in pairwise(keys))


def assessment(draw: random.Random, doctor: list[str]) -> Json:
    """One day: three examinations, a conference without the patient, and what it came to."""
    first = ["physician", "psychologist", "physiotherapist"]
    steps = [
        step("physician", (60, "pain-physician exam-room"), prefer=doctor),
        step("psychologist", (60, "psychologist consult-room")),
        step("physiotherapist", (60, "physiotherapist gym-place")),
        step("conference", (30, "pain-physician psychologist physiotherapist meeting-room"), patient=False),
        step("talk", (30, "pain-physician consult-room"), prefer=doctor),
    ]
    links = [*(link(key, "conference", 0, 0) for key in first), link("conference", "talk", 0, 0, [0, 90])]
    series = {"steps": ["physician", "conference", "talk"], "capability": "pain-physician", "same": True}
    return {"steps": steps, "links": links, "series": [series], "same_day": [[each["id"] for each in steps]]}


def injection(draw: random.Random, doctor: list[str]) -> Json:
    """Two test blocks two weeks apart, then ablation; therapy beside them, on other days."""
    sessions = [f"session-{number}" for number in range(1, 7)]

    def procedure(key: str, minutes: int) -> Json:
        return step(key, (20, "nurse procedure-bay"),
                    (minutes, "interventionist nurse radiographer fluoroscopy-suite c-arm"),
                    (30, "recovery-nurse recovery-bay"))  # fmt: skip

    steps = [
        step("consultation", (15, "nurse consult-room"), (60, "pain-physician exam-room"), prefer=doctor),
        procedure("block-1", 20), step("check-1", (15, "nurse consult-room")),
        procedure("block-2", 20), step("check-2", (15, "nurse consult-room")), procedure("ablation", 60),
        *(step(key, (45, "physiotherapist gym-place")) for key in sessions),
        step("last-talk", (20, "pain-physician exam-room"), prefer=doctor),
    ]  # fmt: skip
    links = [link("consultation", "block-1", 3, 28), link("block-1", "check-1", 1, 3),
             link("check-1", "block-2", 0, 30), link("block-1", "block-2", 14, 42),
             link("block-2", "check-2", 1, 3), link("check-2", "ablation", 1, 90),
             link("consultation", sessions[0], 0, 21), *_chain(sessions, 3, 10),
             link("ablation", "last-talk", 21, 42)]  # fmt: skip
    procedures = ["block-1", "block-2", "ablation"]
    series = [{"steps": sessions, "capability": "physiotherapist", "same": False},
              {"steps": procedures, "capability": "interventionist", "same": False}]  # fmt: skip
    apart = [[key, *sessions] for key in procedures]
    return {"steps": steps, "links": links, "series": series, "not_same_day": apart}


def rehabilitation(draw: random.Random, doctor: list[str]) -> Json:
    """Fourteen days of three parts each, between a beginning and an end: 44 steps."""
    parts = {"physiotherapist": (45, "gym-place"), "occupational-therapist": (30, "gym-place"),
             "psychologist": (50, "consult-room")}  # fmt: skip
    steps, links, days, before = (
        [step("begin", (60, "pain-physician exam-room"), prefer=doctor)],
        [],
        [],
        "begin",
    )
    for day in range(1, 15):
        today = [f"{who}-{day}" for who in parts]
        steps += [step(key, (minutes, f"{who} {where}"))
                  for key, (who, (minutes, where)) in zip(today, parts.items(), strict=True)]  # fmt: skip
        links += [link(before, key, 1, 4) for key in today]
        days.append(today)
        before = today[0]
    steps.append(step("end", (30, "pain-physician exam-room"), prefer=doctor))
    links.append(link(before, "end", 0, 7))
    series = [{"steps": list(keys), "capability": who, "same": False}
              for who, keys in zip(parts, zip(*days, strict=True), strict=True)]  # fmt: skip
    return {"steps": steps, "links": links, "series": series, "same_day": days}


WORK = ("nurse consult-room", "pain-physician exam-room", "psychologist consult-room", "physiotherapist gym-place",
        "radiographer mri", "interventionist fluoroscopy-suite", "dietitian consult-room",
        "occupational-therapist gym-place")  # fmt: skip


def any_graph(draw: random.Random, doctor: list[str]) -> Json:
    """Eight to sixteen steps of one to three phases, with links at random."""
    steps, links = [], []
    for number in range(draw.randint(8, 16)):
        phases = [
            (draw.choice((15, 20, 30, 45, 60)), draw.choice(WORK))
            for _ in range(draw.choice((1, 1, 1, 2, 3)))
        ]
        steps.append(step(f"step-{number}", *phases, prefer=doctor if draw.random() < 0.3 else None))
        for earlier in draw.sample(range(number), min(number, draw.choice((0, 1, 1, 2)))):
            least = draw.choice((0, 0, 0, 1, 2, 7))
            most = least + draw.choice((3, 7, 14, 28))
            links.append(link(f"step-{earlier}", f"step-{number}", least, most))
    return {"steps": steps, "links": links}


def mixed(draw: random.Random, doctor: list[str]) -> Json:
    """Any of them but rehabilitation."""
    return draw.choice((programme, assessment, assessment, injection, any_graph, any_graph))(draw, doctor)


SHAPES: dict[str, Callable[[random.Random, list[str]], Json]] = {
    "programme": programme, "assessment": assessment, "injection": injection, "rehabilitation": rehabilitation,
    "random": any_graph, "mixed": mixed,
}  # fmt: skip
