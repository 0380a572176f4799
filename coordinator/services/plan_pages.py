"""What the plan pages show: one plan with all that belongs to it, the list of plans, what a plan by hand is made of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from coordinator import times
from coordinator.errors import NotFound
from coordinator.models import (
    Appointment,
    Deed,
    Hold,
    Location,
    Notice,
    Patient,
    PlanState,
    Practitioner,
    Search,
    Therapy,
    TreatmentPlan,
)
from coordinator.models.columns import Words
from coordinator.scheduling.rules import Violation
from coordinator.services import (
    appointing,
    deeds,
    finding,
    holding,
    looks,
    plan_steps,
    planning,
    replanning,
    standing,
    taken,
    treating,
    wishes,
)
from coordinator.services.plan_steps import StepLine
from coordinator.services.replanning import Rest
from coordinator.services.trail import Actor
from coordinator.services.ways import Way, ways

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One appointment of a plan with the notices that tell of it."""

    appointment: Appointment
    zone: times.Zone
    notices: tuple[Notice, ...]
    changeable: bool
    """Booked, and not begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """One plan, whole."""

    plan: TreatmentPlan
    lines: tuple[StepLine, ...]
    locations: tuple[Location, ...]
    """Acceptable ones, most wanted first."""
    search: Search | None
    """The newest, where it was made for the plan as it is now."""
    ways: tuple[Way, ...]
    hold: Hold | None
    """What is kept for the plan just now."""
    booked: tuple[Booked, ...]
    notices: tuple[Notice, ...]
    """Those about the whole plan: calls and letters."""
    physicians: tuple[Practitioner, ...]
    able: Mapping[str, tuple[Practitioner, ...]]
    """With whom each step of an open plan can be wished, by the step's key."""
    undoable: Deed | None
    """What was done last, if it can still be undone."""
    kept: Hold | None
    """What keeps the time that this freed."""
    rest: Rest | None
    """New times that were found for what has not begun, to be booked or not."""
    moved_last: frozenset[int]
    """The appointments of the newest move: they are meant to stay when the rest is planned anew."""
    broken: tuple[Violation, ...]
    """What the plan asks for and its appointments do not keep."""
    needs: tuple[str, ...]
    names: Mapping[str, Words]
    """What each capability is called."""
    zone: times.Zone
    now: datetime

    @property
    def to_book(self) -> int:
        """How many steps are booked, tasks too."""
        return sum(step.to_book for step in self.plan.steps)


def page(session: Session, plan_id: int, *, reader: int | None, by: Actor, now: datetime) -> PlanPage:
    """One plan; ``reader`` is the practitioner who looks, None for coordinators. Raises NotFound."""
    treating.check(session, plan_id, reader)
    looks.note(session, by, "plan", plan_id, now)
    booked, notices = _booked(session, plan_id, now)  # first: each load refreshes the plan's row
    plan = planning.load(session, plan_id)
    locations = _locations(session, plan)
    open_ = plan.state in {PlanState.DRAFT, PlanState.APPROVED}
    search = finding.latest(session, plan_id) if open_ else None
    if search is not None and search.plan_version != plan.version:
        search = None
    capabilities = plan_steps.capability_names(session)
    undoable = deeds.undoable(session, plan_id)
    return PlanPage(
        plan=plan,
        lines=tuple(plan_steps.lines(plan, capabilities)),
        locations=tuple(locations),
        search=search,
        ways=tuple(ways(session, search)),
        hold=holding.current(session, plan_id) if open_ else None,
        booked=tuple(booked),
        notices=tuple(each for each in notices if each.appointment_id is None),
        physicians=tuple(treating.physicians(session)) if open_ else (),
        able=wishes.able(session, plan.steps, capabilities) if open_ and reader is None else {},
        undoable=undoable,
        kept=deeds.kept_by(session, undoable),
        moved_last=deeds.moved_last(session, plan_id),
        rest=replanning.found(session, plan, [each.appointment for each in booked]),
        broken=tuple(standing.broken(plan, [each.appointment for each in booked])),
        needs=taken.needs_of(plan.patient),
        names={key: each.name for key, each in capabilities.items()},
        zone=times.zone(locations[0].timezone if locations else "UTC"),
        now=now,
    )


def _locations(session: Session, plan: TreatmentPlan) -> list[Location]:
    found = {
        each.key: each for each in session.scalars(select(Location).where(Location.key.in_(plan.locations)))
    }
    return [found[key] for key in plan.locations if key in found]


def _booked(session: Session, plan_id: int, now: datetime) -> tuple[list[Booked], Sequence[Notice]]:
    query = select(Notice).where(Notice.plan_id == plan_id).order_by(Notice.id)
    notices = session.scalars(query).all()
    telling: defaultdict[int | None, list[Notice]] = defaultdict(list)
    for notice in notices:
        telling[notice.appointment_id].append(notice)
    every = sorted(
        appointing.loaded(session, plan_id), key=lambda each: (each.starts_at, each.ends_at, each.id)
    )
    booked = [
        Booked(
            appointment=each,
            zone=times.zone(each.location.timezone),
            notices=tuple(telling[each.id]),
            changeable=each.state == "booked" and each.starts_at > now,
        )
        for each in every
    ]
    return booked, notices


def appointment(session: Session, appointment_id: int, *, by: Actor, now: datetime) -> Booked:
    """One appointment by itself. Raises NotFound."""
    looks.note(session, by, "appointment", appointment_id, now)
    found = appointing.one(session, appointment_id)
    return Booked(
        appointment=found,
        zone=times.zone(found.location.timezone),
        notices=(),
        changeable=found.starts_at > now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanList:
    """One page of the plans in a state."""

    plans: tuple[TreatmentPlan, ...]
    counts: dict[str, int]
    page: int
    last: int


def listed(session: Session, state: PlanState | None, number: int, *, reader: int | None) -> PlanList:
    """The plans that a reader sees, the newest first, ``PAGE`` at a time."""
    seen = [] if reader is None else [treating.seen_by(session, reader)]
    counting = select(TreatmentPlan.state, func.count()).where(*seen).group_by(TreatmentPlan.state)
    counts = {str(each): count for each, count in session.execute(counting)}
    total = counts.get(str(state), 0) if state else sum(counts.values())
    last = max(1, -(-total // PAGE))
    number = min(max(1, number), last)
    query = select(TreatmentPlan).where(*seen).options(selectinload(TreatmentPlan.patient))
    if state:
        query = query.where(TreatmentPlan.state == state)
    plans = session.scalars(query.order_by(TreatmentPlan.id.desc()).offset((number - 1) * PAGE).limit(PAGE))
    return PlanList(plans=tuple(plans), counts=counts, page=number, last=last)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """What a plan by hand is made of."""

    patient: Patient
    therapies: tuple[Therapy, ...]
    locations: tuple[Location, ...]


def by_hand(session: Session, patient_id: int) -> ByHand:
    """The patient and what can be chosen. Raises NotFound."""
    patient = session.get(Patient, patient_id)
    if patient is None:
        raise NotFound("There is no such patient.")
    return ByHand(
        patient=patient,
        therapies=tuple(session.scalars(select(Therapy).order_by(Therapy.key))),
        locations=tuple(session.scalars(select(Location).order_by(Location.position, Location.id))),
    )
