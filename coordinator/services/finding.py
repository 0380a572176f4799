"""Finding times: a search for the best ways to book a whole plan, kept with what it found."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.database import begin_writing
from coordinator.errors import Refusal
from coordinator.models import Location, PlanState, PlanStep, Proposal, Resource, Search, TreatmentPlan
from coordinator.scheduling import answer as core_answer
from coordinator.scheduling import claims, costs, engine, problem_file
from coordinator.scheduling.problem import Placement, Problem
from coordinator.services import availability, planning, trail
from coordinator.services.free_time import resource_key
from coordinator.services.trail import Actor

ALTERNATIVES = 4
"""How many other ways are looked for beside the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedStep:
    """One step of a proposal as a page shows it."""

    key: str
    title: dict[str, str]
    number: int | None
    of: int | None
    starts_at: datetime
    ends_at: datetime
    patient_starts_at: datetime | None
    patient_ends_at: datetime | None
    task: bool
    remote: bool
    discipline: str
    resources: list[str]


def find(
    session: Session,
    plan_id: int,
    *,
    seconds: float,
    alternatives: int = ALTERNATIVES,
    by: Actor,
    now: datetime,
) -> Search:
    """Search for the best way to book a plan and for others that a coordinator would call different.

    The search runs outside of any transaction. Raises NotFound, and Refusal where there is nothing to book.
    """
    plan = planning.load(session, plan_id)
    if plan.state not in {PlanState.DRAFT, PlanState.APPROVED}:
        raise Refusal("This plan is booked or cancelled: there is nothing to search for.")
    problem = availability.problem(session, plan, now=now)
    version = plan.version
    session.rollback()
    answer = engine.solve(problem, seconds=seconds, alternatives=alternatives)
    begin_writing(session)
    search = keep(session, plan_id, version, problem, answer, now)
    session.flush()
    trail.record(session, by, "search", "plan", plan_id, now, status=search.status)
    session.commit()
    return latest(session, plan_id) or search


def keep(
    session: Session, plan_id: int, version: int, problem: Problem, answer: core_answer.Answer, now: datetime
) -> Search:
    """Add a search and its proposals, the best first, to the transaction."""
    found = answer.plans[0]
    search = Search(
        plan_id=plan_id,
        plan_version=version,
        problem=gzip.compress(json.dumps(problem_file.to_json(problem)).encode(), mtime=0),
        begins_at=problem.start,
        status=found.status,
        seconds=answer.seconds,
        reasons=[{"step": r.step, "rule": r.rule, "text": r.text, "facts": dict(r.facts)} for r in found.why],
        searched_at=now,
    )
    locations = dict(session.execute(select(Location.key, Location.id)).all())
    if found.proposal is not None and found.cost is not None:
        search.proposals.append(_row(problem, 0, "best", found.proposal, found.cost, found.bound, locations))
    for rank, other in enumerate(found.alternatives, start=1):
        row = _row(problem, rank, other.kind, other.proposal, other.cost, other.bound, locations)
        row.better = [{"what": change.what, "by": change.by} for change in other.better]
        row.worse = [{"what": change.what, "by": change.by} for change in other.worse]
        search.proposals.append(row)
    session.add(search)
    return search


def _row(
    problem: Problem,
    rank: int,
    kind: str,
    proposal: core_answer.Proposal,
    cost: int,
    bound: int | None,
    locations: Mapping[str, int],
) -> Proposal:
    return Proposal(
        rank=rank,
        kind=kind,
        location_id=locations[proposal.location],
        cost=cost,
        bound=bound,
        parts=costs.cost(problem, proposal).units(),
        steps={key: steps_to_json(placed) for key, placed in proposal.steps.items()},
    )


def steps_to_json(placed: Placement) -> dict[str, Any]:
    """A placement as it stands in an answer file."""
    return {"start": placed.start, "uses": [list(names) for names in placed.uses]}


def placements(proposal: Proposal) -> dict[str, Placement]:
    """What a kept proposal says of each step."""
    return {
        key: Placement(start=placed["start"], uses=tuple(tuple(names) for names in placed["uses"]))
        for key, placed in proposal.steps.items()
    }


def problem_of(search: Search) -> Problem:
    """The problem as it was given to the search."""
    return _unpacked(search.problem)


@lru_cache(maxsize=8)
def _unpacked(packed: bytes) -> Problem:
    """Pages show several proposals of one search, and the coordinator comes back to them."""
    return problem_file.from_json(json.loads(gzip.decompress(packed)))


def latest(session: Session, plan_id: int) -> Search | None:
    """The newest search of a plan, with its proposals."""
    query = (
        select(Search)
        .where(Search.plan_id == plan_id)
        .options(selectinload(Search.proposals))
        .order_by(Search.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def itinerary(session: Session, proposal: Proposal) -> list[ProposedStep]:
    """The steps of a proposal in the order of their times, with the names of all that they use."""
    return itineraries(session, session.get_one(Search, proposal.search_id), [proposal])[0]


def itineraries(
    session: Session, search: Search, proposals: Sequence[Proposal]
) -> Sequence[list[ProposedStep]]:
    """The itinerary of each of some proposals of a search."""
    plan, problem = planning.load(session, search.plan_id), problem_of(search)
    used = {
        resource_key(name)
        for proposal in proposals
        for placed in proposal.steps.values()
        for names in placed["uses"]
        for name in names
    }
    query = select(Resource.key, Resource.name).where(Resource.key.in_(used))
    names = dict(session.execute(query).all())
    return [
        sorted(_proposed(plan, problem, each, names), key=lambda step: (step.starts_at, step.ends_at))
        for each in proposals
    ]


def _proposed(
    plan: TreatmentPlan, problem: Problem, proposal: Proposal, names: Mapping[str, str]
) -> Iterator[ProposedStep]:
    asked, where = problem.plans[0], placements(proposal)
    for step in plan.steps:
        placed = where.get(step.key) if step.to_book else None
        if placed is None:
            continue
        begin = problem.start + timedelta(minutes=placed.start)
        here = list(claims.with_patient(asked.step(step.key), placed.start))
        keys = dict.fromkeys(resource_key(name) for row in placed.uses for name in row)
        yield ProposedStep(
            key=step.key,
            title=step.title,
            number=step.number,
            of=step.of,
            starts_at=begin,
            ends_at=begin + timedelta(minutes=asked.step(step.key).minutes),
            patient_starts_at=problem.start + timedelta(minutes=here[0][0]) if here else None,
            patient_ends_at=problem.start + timedelta(minutes=here[-1][1]) if here else None,
            task=step.task,
            remote=step.remote,
            discipline=discipline(step),
            resources=[names.get(key, key) for key in keys],
        )


def discipline(step: PlanStep) -> str:
    """The discipline of a step's therapy; none for a task."""
    return step.therapy.discipline if step.therapy else ""
