"""Moving one appointment: the times that keep the whole plan whole, what another would break, and the move itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from coordinator.errors import Conflict, Refusal
from coordinator.models import Appointment
from coordinator.scheduling.answer import Answer
from coordinator.scheduling.problem import Placement
from coordinator.scheduling.rules import Violation
from coordinator.services import appointing, rearranging
from coordinator.services.loose_step import Choice, LooseStep
from coordinator.services.rearranging import TAKEN, Change, Entry
from coordinator.services.trail import Actor

ASKED = frozenset({"window", "pinned"})
"""What a search names only because it was asked for one time, everything else staying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A time that an appointment could have, and what of the plan it would break."""

    starts_at: datetime
    change: Change
    broken: tuple[Violation, ...]


def times_for(session: Session, appointment_id: int, *, seconds: float, now: datetime) -> list[Choice]:
    """Times for one appointment that fit its plan as it stands: the best mornings and afternoons.

    Raises NotFound, and Refusal where the appointment has begun or is cancelled.
    """
    appointment = appointing.one(session, appointment_id)
    starts_at = appointment.starts_at
    moving = LooseStep.of(session, appointment, now)
    session.rollback()
    found = {choice.starts_at: choice for choice in moving.choices(seconds)}
    return [found[at] for at in sorted(found) if at != starts_at]


def weigh(
    session: Session,
    appointment_id: int,
    *,
    starts_at: datetime,
    version: int | None = None,
    seconds: float = 10.0,
    now: datetime,
) -> Weighed:
    """What a move to ``starts_at`` would break; people and rooms are free then, or it is refused.

    ``version``: as the page showed it; None (a command): as it is now. Raises NotFound, Conflict where somebody else
    was quicker, Refusal with the reasons.
    """
    appointment = appointing.one(session, appointment_id)
    if version is not None and appointment.version != version:
        raise Conflict("This appointment has changed since you opened it. Look at it again.")
    moving = LooseStep.of(session, appointment, now)
    session.rollback()
    begin = moving.minute(starts_at)
    answer = moving.solve([(begin, begin + max(moving.length, 1))], seconds, reasons=False)
    if answer.plans[0].proposal is None:
        answer = moving.solve_alone(begin, seconds)
    change = Change(booked=moving.booked, placed={moving.key: _found(answer, moving.key)})
    return Weighed(starts_at=starts_at, change=change, broken=tuple(change.check(knowingly=True)))


def move(
    session: Session,
    appointment_id: int,
    *,
    starts_at: datetime,
    version: int | None = None,
    knowingly: bool = False,
    key: str | None = None,
    delay_seconds: int,
    seconds: float = 10.0,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Move one appointment, with new people and rooms where need be, and tell whoever was told of it.

    What breaks the plan's links is done ``knowingly`` only, with people and rooms that are free. ``key`` names
    the request: sent again, it moves nothing. Raises as ``weigh``.
    """

    def change() -> Change:
        weighed = weigh(
            session, appointment_id, starts_at=starts_at, version=version, seconds=seconds, now=now
        )
        weighed.change.check(knowingly=knowingly)
        return weighed.change

    entry = Entry("move", "appointment", appointment_id, {"to": starts_at.isoformat()})
    if (wanted := entry.unless_done(session, key, change)) is not None:
        rearranging.carry_out(
            session, [wanted], entry=entry, key=key, delay_seconds=delay_seconds, by=by, now=now
        )
    return appointing.one(session, appointment_id)


def _found(answer: Answer, key: str) -> Placement:
    """Where a search put a step. Raises Conflict or Refusal with the reasons where it found nothing."""
    found = answer.plans[0]
    if found.proposal is not None:
        return found.proposal.steps[key]
    reasons = [reason for reason in found.why if reason.rule not in ASKED]
    texts = (
        "; ".join(dict.fromkeys(reason.text.rstrip(".") for reason in reasons)) or "nothing was found in time"
    )
    if reasons and all(reason.rule in TAKEN for reason in reasons):
        raise Conflict("That time does not fit: {reasons}", reasons=texts)
    raise Refusal("That time does not fit: {reasons}", reasons=texts)
