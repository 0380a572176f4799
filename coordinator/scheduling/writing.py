"""A Problem as the JSON of the problem file."""

from typing import Any

from coordinator.scheduling.problem import (
    Link,
    Need,
    Phase,
    Placement,
    Plan,
    Problem,
    Resource,
    Series,
    Step,
    Weights,
)


def to_json(problem: Problem) -> dict[str, Any]:
    """The problem file of a problem; ``problem_file.from_json`` gives the same problem back."""
    return {
        "format": "coordinator-problem/1",
        "start": problem.start.isoformat(),
        "minutes": problem.minutes,
        "grid": problem.grid,
        "weights": {name: getattr(problem.weights, name) for name in Weights.__slots__},
        "locations": [{"id": each.key, "timezone": each.timezone} for each in problem.locations],
        "resources": [resource(each) for each in problem.resources],
        "plans": [plan(each) for each in problem.plans],
    }


def placement(placed: Placement) -> dict[str, Any]:
    """When and with what, as both files write it."""
    return {"start": placed.start, "uses": [list(names) for names in placed.uses]}


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _spans(spans: tuple[tuple[int, int], ...] | None) -> list[list[int]] | None:
    return None if spans is None else [list(span) for span in spans]


def resource(said: Resource) -> dict[str, Any]:
    """One resource as the problem file writes it."""
    made = {"id": said.key, "location": said.location, "capabilities": sorted(said.capabilities),
            "free": _spans(said.free)}  # fmt: skip
    return made if said.same_as is None else made | {"is": said.same_as}


def _need(need: Need) -> dict[str, Any]:
    made: dict[str, Any] = {"all": list(need.capabilities)}
    if need.label is not None:
        made["as"] = need.label
    return made | {
        side: minutes for side, minutes in (("before", need.before), ("after", need.after)) if minutes
    }


def _phase(phase: Phase) -> dict[str, Any]:
    made: dict[str, Any] = {"minutes": phase.minutes, "needs": [_need(need) for need in phase.needs]}
    return made if phase.patient else made | {"patient": False}


def _step(step: Step) -> dict[str, Any]:
    return {"id": step.key, "phases": [_phase(phase) for phase in step.phases]} | _present(
        prefer=list(step.prefer) or None, windows=_spans(step.windows), remote=step.remote or None
    )


def _link(link: Link) -> dict[str, Any]:
    made: dict[str, Any] = {"from": link.first, "to": link.then}
    for name, gap in (("days", link.days), ("minutes", link.minutes)):
        if gap is not None:
            made[name] = [gap.least, gap.most]
    return made


def _series(series: Series) -> dict[str, Any]:
    return {"steps": list(series.steps), "capability": series.capability, "same": series.same}


def plan(said: Plan) -> dict[str, Any]:
    """One plan as the problem file writes it."""
    made = {"id": said.key, "locations": list(said.locations), "earliest": said.earliest,
            "steps": [_step(step) for step in said.steps]}  # fmt: skip
    lists = {"links": [_link(each) for each in said.links], "series": [_series(each) for each in said.series],
             "same_day": [list(group) for group in said.same_day],
             "not_same_day": [list(group) for group in said.not_same_day], "pinned": list(said.pinned)}  # fmt: skip
    made |= {name: value for name, value in lists.items() if value}
    if said.booked_location is not None:
        made["booked"] = {key: placement(was) for key, was in said.booked.items()}
    return made | _present(patient=said.patient, free=_spans(said.free), max_day_minutes=said.max_day_minutes,
                           booked_location=said.booked_location)  # fmt: skip
