"""A booked plan as problem and answer file: what the search was given, and what is booked, for anyone to judge."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import Refusal
from coordinator.models import Appointment, Attendance, Proposal, Search
from coordinator.scheduling import answer as answer_file
from coordinator.scheduling import costs, problem_file
from coordinator.scheduling.answer import Answer, PlanAnswer
from coordinator.scheduling.answer import Proposal as Placed
from coordinator.scheduling.problem import Placement, Plan, Problem
from coordinator.services import appointing, finding, planning


def problem(session: Session, plan_id: int) -> dict[str, Any]:
    """The problem as it was given to the search whose proposal is booked, without steps cancelled since.

    Raises NotFound, and Refusal for a plan of which nothing is booked.
    """
    return problem_file.to_json(_asked(session, plan_id)[1])


def answer(session: Session, plan_id: int) -> dict[str, Any]:
    """The appointments of the plan as an answer to that problem. Raises NotFound and Refusal as ``problem``."""
    found, asked, booked = _asked(session, plan_id)
    whole = Placed(
        plan=asked.plans[0].key,
        location=booked[0].location.key,
        steps={each.step.key: _placement(each, asked) for each in booked},
    )
    cost = costs.cost(asked, whole).total
    # With a step less the search's bound says nothing any more.
    bound = min(found.bound or 0, cost) if len(booked) == len(found.steps) else 0
    status = "optimal" if bound == cost else "feasible"
    plan = PlanAnswer(plan=whole.plan, status=status, proposal=whole, cost=cost, bound=bound)
    seconds = session.get_one(Search, found.search_id).seconds
    return answer_file.to_json(Answer(seconds=seconds, bound=bound, plans=(plan,)))


def _asked(session: Session, plan_id: int) -> tuple[Proposal, Problem, list[Appointment]]:
    planning.load(session, plan_id)
    query = (
        select(Proposal)
        .join(Search)
        .where(Search.plan_id == plan_id, Proposal.booked_at.is_not(None))
        .order_by(Proposal.booked_at.desc(), Proposal.id.desc())
        .limit(1)
    )
    found, booked = session.scalars(query).one_or_none(), appointing.of_plan(session, plan_id)
    if found is None or not booked:
        raise Refusal("Nothing of plan {plan} is booked.", plan=plan_id)
    asked = finding.problem_of(session.get_one(Search, found.search_id))
    kept = {each.step.key for each in booked}
    return found, replace(asked, plans=(_only(asked.plans[0], kept),)), booked


def _only(plan: Plan, kept: Collection[str]) -> Plan:
    """The plan with these steps alone."""

    def some(groups: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
        left = (tuple(key for key in group if key in kept) for group in groups)
        return tuple(group for group in left if group)

    return replace(
        plan,
        steps=tuple(step for step in plan.steps if step.key in kept),
        links=tuple(link for link in plan.links if link.first in kept and link.then in kept),
        series=tuple(
            replace(series, steps=steps)
            for series in plan.series
            if (steps := tuple(key for key in series.steps if key in kept))
        ),
        same_day=some(plan.same_day),
        not_same_day=some(plan.not_same_day),
        booked={key: placed for key, placed in plan.booked.items() if key in kept},
        pinned=tuple(key for key in plan.pinned if key in kept),
    )


def _placement(appointment: Appointment, asked: Problem) -> Placement:
    """When the appointment starts, and what each phase uses, in the problem's words."""
    uses: list[list[Attendance]] = [[] for _ in asked.plans[0].step(appointment.step.key).phases]
    for attendance in appointment.attendances:
        uses[attendance.phase].append(attendance)
    names = (tuple(each.used_as for each in sorted(some, key=lambda one: one.need)) for some in uses)
    minute = (appointment.starts_at - asked.start) // timedelta(minutes=1)
    return Placement(start=minute, uses=tuple(names))
