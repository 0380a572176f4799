"""Steps of booked plans at other times: held against every rule, then written in one transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.database import begin_writing, retrying
from coordinator.errors import Conflict, Refusal
from coordinator.models import Appointment, AuditLine, DeedKind, Proposal, Reply, TreatmentPlan
from coordinator.notices import outbox
from coordinator.scheduling import costs, rules
from coordinator.scheduling.answer import Answer, PlanAnswer
from coordinator.scheduling.problem import Placement
from coordinator.scheduling.rules import Violation
from coordinator.services import answers, appointing, availability, claiming, deeds, finding, planning, trail
from coordinator.services.as_booked import AsBooked
from coordinator.services.claims import Owners, Stretch
from coordinator.services.trail import Actor

OF_THE_PLAN = frozenset({"link", "series", "same-day", "not-same-day", "window", "day-length"})
"""Rules that a coordinator may break knowingly: they are the plan's, not those of people, rooms and hours."""
TAKEN = frozenset({"no-time", "patient"})
Weighed = TypeVar("Weighed")


class Breaks(Refusal):
    """A change that people, rooms and hours allow, and the plan does not: it can be made knowingly."""

    def __init__(self, sentence: str, plan_id: int, broken: Sequence[Violation]) -> None:
        self.plan_id, self.broken = plan_id, broken
        super().__init__(sentence, reasons=said(broken))


@dataclass(frozen=True, slots=True)
class Entry:
    """What is done, to what, as the audit trail tells it."""

    name: str
    subject: str
    subject_id: int
    facts: Mapping[str, object] = field(default_factory=dict)

    def is_done(self, session: Session, key: str | None) -> bool:
        """Whether the request of this key has done it already. Raises Conflict where it did it otherwise."""
        if not trail.answered_before(session, key, self.name, self.subject, self.subject_id):
            return False
        before = session.scalars(select(AuditLine.facts).where(AuditLine.request_key == key)).one()
        if before != self.facts:
            raise Conflict("This form was sent before, with another time. Look at it again.")
        return True

    def unless_done(self, session: Session, key: str | None, weigh: Callable[[], Weighed]) -> Weighed | None:
        """What is to be carried out; None where the request of this key has done it, also while it was weighed.

        Raises as ``weigh``.
        """
        if self.is_done(session, key):
            return None
        try:
            return weigh()
        except Refusal:
            session.rollback()
            if self.is_done(session, key):  # that is what stood in the way
                return None
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One booked plan, and where some of its steps are to be instead."""

    booked: AsBooked
    placed: Mapping[str, Placement]

    def broken(self) -> list[Violation]:
        """Every rule that the change breaks and that is not broken already."""
        problem = self.booked.problem
        standing = list(rules.violations(problem, self.booked.proposal()))
        after = rules.violations(problem, self.booked.proposal(self.placed))
        return [each for each in after if each not in standing]

    def check(self, *, knowingly: bool) -> list[Violation]:
        """What the plan asks for and the change breaks; nothing but that may be broken, and only knowingly.

        Raises Conflict where somebody or something is not free, Refusal with the reasons for all else.
        """
        broken = self.broken()
        if hard := [each for each in broken if each.rule not in OF_THE_PLAN]:
            raise refusal(hard)
        if broken and not knowingly:
            raise Breaks("That breaks what the plan asks for: {reasons}", self.booked.plan_id, broken)
        return broken

    def answer(self) -> Answer:
        """The change as the search would answer it: by hand, so nothing is proven of it."""
        proposal = self.booked.proposal(self.placed)
        cost = costs.cost(self.booked.problem, proposal).total
        found = PlanAnswer(plan=proposal.plan, status="feasible", proposal=proposal, cost=cost, bound=0)
        return Answer(seconds=0.0, plans=(found,))


def refusal(reasons: Sequence[Violation]) -> Refusal:
    """Why a change cannot be: a conflict where it is only that somebody was quicker or is not there."""
    if all(each.rule in TAKEN for each in reasons):
        return Conflict("That time does not fit: {reasons}", reasons=said(reasons))
    return Refusal("That time does not fit: {reasons}", reasons=said(reasons))


def said(reasons: Iterable[Violation]) -> str:
    """Broken rules in one line."""
    return "; ".join(dict.fromkeys(f"{each.step}: {each.text}" for each in reasons))


@retrying
def carry_out(
    session: Session,
    changes: Sequence[Change],
    *,
    entry: Entry,
    key: str | None = None,
    delay_seconds: int,
    by: Actor,
    now: datetime,
) -> None:
    """Write the changes of some plans, all or nothing, and tell of them: appointments, claims, notices, audit line.

    ``key`` names the request: sent again, it does nothing. Raises Conflict where a plan has changed since it was read,
    or a time is taken.
    """
    begin_writing(session)
    ordered = sorted(changes, key=lambda each: each.booked.plan_id)
    for change in ordered:
        planning.load(session, change.booked.plan_id, lock=True)
    if entry.is_done(session, key):
        return
    for change in ordered:
        _as_read(session, change)
    moved = {
        each.id: each
        for change in ordered
        for each in appointing.loaded(session, change.booked.plan_id, lock=True)
        if each.step.key in change.placed
    }
    plan_ids = [each.booked.plan_id for each in ordered]
    before = deeds.remember(session, plan_ids, moved.values())
    proposals = [_keep(session, change, now) for change in ordered]
    retold = _rewrite(session, ordered, moved, now)
    clinic = availability.the_clinic(session)
    outbox.announce_changed_plans(session, retold, delay_seconds=delay_seconds, now=now)
    for appointment in retold:
        answers.settle_open(session, appointment.id, now)
        outbox.announce_change(session, appointment, clinic=clinic, delay_seconds=delay_seconds, now=now)
    deeds.note(session, DeedKind.MOVE, plan_ids, before, proposals=[each.id for each in proposals])
    line = trail.record(session, by, entry.name, entry.subject, entry.subject_id, now, **entry.facts)
    line.request_key = key or None
    session.commit()


def _as_read(session: Session, change: Change) -> None:
    """The plan is still as it was read, and newer from now on."""
    plan = session.get_one(TreatmentPlan, change.booked.plan_id)
    if plan.version != change.booked.version:
        raise Conflict("This plan has changed since you opened it. Look at it again.")
    plan.version += 1


def _rewrite(
    session: Session, changes: Sequence[Change], moved: Mapping[int, Appointment], now: datetime
) -> list[Appointment]:
    """Give appointments their new times, people and rooms: the old ones are let go, the new ones claimed.

    Gives those of which the patient has to hear.
    """
    retold: list[Appointment] = []
    wanted: list[Stretch] = []
    for change in changes:
        own = {each.step.key: each for each in moved.values() if each.plan_id == change.booked.plan_id}
        ids = appointing.resource_ids(session, change.placed.values())
        for key, placed in change.placed.items():
            if _place(session, own[key], change, placed, ids, now):
                retold.append(own[key])
            wanted += _taken(own[key], change, placed, ids)
    instead_of = Owners(appointments=list(moved))
    for patient_id in {each.patient_id for each in moved.values()}:
        instead_of += deeds.give_way(session, patient_id, wanted)
    claiming.claim(session, wanted, instead_of=instead_of)
    return retold


def _keep(session: Session, change: Change, now: datetime) -> Proposal:
    """Note the plan as it is booked from now on, beside the problem that it was held against."""
    booked = change.booked
    search = finding.keep(session, booked.plan_id, booked.version, booked.problem, change.answer(), now)
    search.proposals[0].booked_at = now
    return search.proposals[0]


def _place(
    session: Session,
    appointment: Appointment,
    change: Change,
    placed: Placement,
    ids: Mapping[str, int],
    now: datetime,
) -> bool:
    """Set times and attendances; whether the patient has to come at another time than before."""
    before = (appointment.starts_at, appointment.patient_starts_at, appointment.patient_ends_at)
    problem = change.booked.problem
    appointment.attendances.clear()
    session.flush()
    appointing.place(appointment, problem, change.booked.plan.step(appointment.step.key), placed, ids)
    appointment.version += 1
    if before == (appointment.starts_at, appointment.patient_starts_at, appointment.patient_ends_at):
        return False
    appointment.sequence += 1
    appointment.revised_at = now
    appointment.reply, appointment.replied_at = Reply.OPEN, None
    return True


def _taken(
    appointment: Appointment, change: Change, placed: Placement, ids: Mapping[str, int]
) -> Iterator[Stretch]:
    step = change.booked.plan.step(appointment.step.key)
    for stretch in appointing.stretches(change.booked.problem, step, placed, ids, appointment.patient_id):
        yield replace(stretch, appointment_id=appointment.id)
