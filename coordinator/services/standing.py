"""What a booked plan breaks of its own links and groups, as it stands: somebody moved a step knowingly."""

from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta

from coordinator import times
from coordinator.models import Appointment, AppointmentState, GroupKind, PlanLink, TreatmentPlan
from coordinator.scheduling import problem as core
from coordinator.scheduling import rules
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.rules import Violation

MINUTE = timedelta(minutes=1)


def broken(plan: TreatmentPlan, appointments: Sequence[Appointment]) -> list[Violation]:
    """Links and same-day groups that the booked appointments of a plan do not keep; no calendar is asked.

    The plan is loaded by ``planning.load``, the appointments by ``appointing.loaded``.
    """
    booked = {each.step.key: each for each in appointments if each.state is AppointmentState.BOOKED}
    if not booked:
        return []
    location = next(iter(booked.values())).location
    zone = times.zone(location.timezone)
    first = min(each.starts_at for each in booked.values())
    start = times.day_start(times.local_date(first, zone), zone).astimezone(UTC)
    steps = {
        key: core.Placement(start=(each.starts_at - start) // MINUTE, uses=_phases(each)[1])
        for key, each in booked.items()
    }
    asked = core.Plan(
        key="plan",
        locations=(location.key,),
        steps=tuple(core.Step(key=key, phases=_phases(each)[0]) for key, each in booked.items()),
        links=tuple(_links(plan.links, booked)),
        same_day=_groups(plan, booked, GroupKind.SAME_DAY),
        not_same_day=_groups(plan, booked, GroupKind.NOT_SAME_DAY),
        max_day_minutes=plan.max_day_minutes,
    )
    last = max(each.ends_at for each in booked.values())
    problem = core.Problem(
        start=start,
        minutes=(last - start) // MINUTE + 1,
        grid=1,
        locations=(core.Location(key=location.key, timezone=location.timezone),),
        resources=(),
        plans=(asked,),
    )
    proposal = Proposal(plan="plan", location=location.key, steps=steps)
    return list(rules.violations(problem, proposal))


def _phases(each: Appointment) -> tuple[tuple[core.Phase, ...], tuple[tuple[str, ...], ...]]:
    """Before the patient comes, with the patient, and after; nothing is asked of people and rooms."""
    begins, ends = each.patient_starts_at or each.ends_at, each.patient_ends_at or each.ends_at
    lengths = [(begins - each.starts_at, False), (ends - begins, True), (each.ends_at - ends, False)]
    phases = tuple(
        core.Phase(minutes=length // MINUTE, patient=here) for length, here in lengths if length >= MINUTE
    )
    return phases, ((),) * len(phases)


def _links(links: Sequence[PlanLink], booked: dict[str, Appointment]) -> Iterator[core.Link]:
    for each in links:
        if each.before_key in booked and each.after_key in booked:
            yield core.Link(
                first=each.before_key,
                then=each.after_key,
                days=_gap(each.min_days, each.max_days),
                minutes=_gap(each.min_minutes, each.max_minutes),
            )


def _gap(least: int | None, most: int | None) -> core.Gap | None:
    return None if least is None and most is None else core.Gap(least=least or 0, most=most)


def _groups(
    plan: TreatmentPlan, booked: dict[str, Appointment], kind: GroupKind
) -> tuple[tuple[str, ...], ...]:
    groups = ([key for key in each.step_keys if key in booked] for each in plan.groups if each.kind == kind)
    return tuple(tuple(keys) for keys in groups if len(keys) > 1)
