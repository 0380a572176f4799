"""What needs the coordinators: answers, mails, plans, calls and letters, messages that could not be delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from coordinator.models import (
    Answer,
    Appointment,
    AppointmentState,
    IncomingMail,
    Outcome,
    PlanState,
    TreatmentPlan,
)
from coordinator.services import errands, treating
from coordinator.services.errands import Errand

MOST = 50
"""So many rows of one pile are shown; the others follow when these are done."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Pile(Generic[Row]):
    """The first of the rows of one kind, and how many there are."""

    rows: Sequence[Row]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All that waits for a coordinator."""

    answers: Pile[Answer]
    mails: Pile[IncomingMail]
    to_approve: Pile[TreatmentPlan]
    to_book: Pile[TreatmentPlan]
    by_hand: Pile[Errand]
    undelivered: Pile[Errand]

    @property
    def total(self) -> int:
        """How many things wait in all."""
        piles = (self.answers, self.mails, self.to_approve, self.to_book, self.by_hand, self.undelivered)
        return sum(pile.total for pile in piles)


def desk(session: Session) -> Desk:
    """What waits for a coordinator now, the most urgent of each kind first."""
    return Desk(
        answers=_pile(session, _open_answers()),
        mails=_pile(session, _mails_to_read()),
        to_approve=_pile(session, _plans(PlanState.DRAFT)),
        to_book=_pile(session, _plans(PlanState.APPROVED)),
        by_hand=Pile(errands.waiting_list(session, MOST), errands.count_waiting(session)),
        undelivered=Pile(errands.dead_letters(session, MOST), errands.count_dead(session)),
    )


def count(session: Session) -> int:
    """How many things wait for a coordinator now, without reading them."""
    piles = (_open_answers(), _mails_to_read(), _plans(PlanState.DRAFT), _plans(PlanState.APPROVED))
    by_people = errands.count_waiting(session) + errands.count_dead(session)
    return sum(_total(session, query) for query in piles) + by_people


def count_to_approve(session: Session, practitioner_id: int | None) -> int:
    """How many plans wait for a physician; none for those of the team who are none."""
    return _total(session, _plans(PlanState.DRAFT)) if treating.is_physician(session, practitioner_id) else 0


def _open_answers() -> Select[Any]:
    """Those that are not settled, of appointments that still stand; the nearest appointment first."""
    query = (
        select(Answer)
        .join(Answer.appointment)
        .where(Answer.settled_at.is_(None), Appointment.state == AppointmentState.BOOKED)
    )
    whole = selectinload(Answer.appointment).options(
        selectinload(Appointment.patient), selectinload(Appointment.step), selectinload(Appointment.location)
    )
    return query.options(whole).order_by(Appointment.starts_at, Answer.id)


def _mails_to_read() -> Select[Any]:
    """What came by mail and only a person can understand; the oldest first."""
    to_read = (IncomingMail.outcome == Outcome.PARKED, IncomingMail.settled_at.is_(None))
    appointment = selectinload(IncomingMail.appointment).options(
        selectinload(Appointment.step), selectinload(Appointment.location)
    )
    query = select(IncomingMail).where(*to_read).options(appointment, selectinload(IncomingMail.patient))
    return query.order_by(IncomingMail.came_at, IncomingMail.id)


def _plans(state: PlanState) -> Select[Any]:
    query = select(TreatmentPlan).where(TreatmentPlan.state == state)
    return query.options(selectinload(TreatmentPlan.patient)).order_by(
        TreatmentPlan.earliest, TreatmentPlan.id
    )


def _pile(session: Session, query: Select[Any]) -> Pile[Any]:
    return Pile(session.scalars(query.limit(MOST)).all(), _total(session, query))


def _total(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
