"""Approved plans, and proposals for them at times that a harness chooses, as a search would have left them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from benchmarks.reliability.clinics import CLOSES, OPENS, Clinic, Course, uses
from benchmarks.reliability.crowds import Order
from coordinator.database import begin_writing
from coordinator.scheduling import answer as core
from coordinator.scheduling.problem import Placement, Problem
from coordinator.services import availability, finding, planning
from coordinator.services.trail import COMMAND

DAY = timedelta(days=1)
FIRST_DAY = 2
"""Of preparations: nobody is booked for today or tomorrow."""


@dataclass(frozen=True, slots=True)
class Visit:
    """When and where one visit is to be: days from the day of preparation, minutes of that day (UTC), the lane."""

    day: int
    minute: int
    lane: int


def apart(number: int, course: Course, lanes: int) -> list[Visit]:
    """Times for a course that meet those of no course with another number: one visit a day, in one lane."""
    rest, lane = divmod(number, lanes)
    block, slot = divmod(rest, (CLOSES - OPENS) * 60 // course.minutes)
    first, minute = FIRST_DAY + block * course.visits, OPENS * 60 + slot * course.minutes
    return [Visit(first + n, minute, lane) for n in range(course.visits)]


@dataclass(frozen=True, slots=True)
class Approved:
    """A plan that waits to be booked."""

    plan_id: int
    version: int
    course: Course


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposal that a coordinator can book."""

    plan_id: int
    version: int
    proposal_id: int

    @property
    def order(self) -> Order:
        """What a coordinator sends to book it."""
        form = {"proposal_id": self.proposal_id, "version": self.version, "key": f"{self.proposal_id}-A"}
        return "POST", f"/plans/{self.plan_id}/book", form


@dataclass
class Desk:
    """Where plans are made ready for the harnesses, through the same services as everybody's."""

    session: Session
    clinic: Clinic
    now: datetime
    problems: dict[Course, Problem] = field(default_factory=dict)
    """What a search would have been given, by course: for each plan the same but its names."""

    def approved(self, patient_id: int, course: Course) -> Approved:
        """A new plan for a course, approved."""
        plan = planning.draft_from_pathway(
            self.session,
            patient_id=patient_id,
            pathway_id=self.clinic.pathway_ids[course],
            earliest=None,
            by=COMMAND,
            now=self.now,
        )
        plan = planning.approve(
            self.session,
            plan.id,
            practitioner_id=self.clinic.physician_id,
            version=plan.version,
            by=COMMAND,
            now=self.now,
        )
        if course not in self.problems:
            self.problems[course] = availability.problem(self.session, plan, now=self.now)
        return Approved(plan.id, plan.version, course)

    def offer(self, wanted: Iterable[tuple[Approved, Sequence[Visit]]]) -> list[Offer]:
        """A proposal for each plan at the times that are wanted for it."""
        begin_writing(self.session)
        made = []
        for plan, visits in wanted:
            problem = self._problem(plan)
            found = finding.keep(
                self.session, plan.plan_id, plan.version, problem, _answer(problem, visits), self.now
            )
            made.append((plan, found))
        self.session.flush()
        offers = [Offer(plan.plan_id, plan.version, found.proposals[0].id) for plan, found in made]
        self.session.commit()
        self.session.expunge_all()
        return offers

    def offers(self, course: Course, lanes: int, *, after: int = 0) -> Iterator[Offer]:
        """For each patient a plan with times that meet those of no other; ``after`` patients are left out."""
        for number, patient_id in enumerate(self.clinic.patient_ids[after:], start=after):
            plan = self.approved(patient_id, course)
            yield from self.offer([(plan, apart(number, course, lanes))])

    def instant(self, visit: Visit) -> datetime:
        """When a visit begins."""
        (problem, *_) = self.problems.values()
        return problem.start + visit.day * DAY + timedelta(minutes=visit.minute)

    def _problem(self, plan: Approved) -> Problem:
        asked = self.problems[plan.course]
        key = str(plan.plan_id)
        return replace(asked, plans=(replace(asked.plans[0], key=key, patient=f"patient-of-{key}"),))


def _answer(problem: Problem, visits: Sequence[Visit]) -> core.Answer:
    plan = problem.plans[0]
    steps = {
        step.key: Placement(start=visit.day * 1440 + visit.minute, uses=(uses(visit.lane),))
        for step, visit in zip(plan.steps, visits, strict=True)
    }
    proposal = core.Proposal(plan=plan.key, location="here", steps=steps)
    found = core.PlanAnswer(plan=plan.key, status="optimal", proposal=proposal, cost=0, bound=0)
    return core.Answer(seconds=0.0, plans=(found,))
