"""What ought to be: plans, appointments and holds as plain values, and what is taken as sets of minutes.

Nothing here is quick or clever, and nothing is shared with the program. Instants are minutes since ``clinic.START``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, product

from tests.simulator.clinic import ABLE, HOLD_MINUTES, SOONEST_MINUTES, THERAPIES, Therapy

Span = tuple[str, int, int]
"""A resource or patient, taken from one minute to another."""
Minutes = set[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Placed:
    """One step at a time, with who or what fills its roles."""

    therapy: str
    patient: str
    begin: int
    filled: dict[str, str]

    @property
    def asked(self) -> Therapy:
        return THERAPIES[self.therapy]

    @property
    def end(self) -> int:
        return self.begin + self.asked.minutes

    @property
    def visit(self) -> tuple[int, int] | None:
        """When the patient is there: what a calendar shows."""
        spans = self.asked.patient
        return (self.begin + spans[0][0], self.begin + spans[-1][1]) if spans else None

    def spans(self) -> list[Span]:
        """All that it takes."""
        taken = [(self.filled[role], *span) for role, span in self.asked.roles.items()]
        taken += [(self.patient, *span) for span in self.asked.patient]
        return [(name, self.begin + low, self.begin + high) for name, low, high in taken]


@dataclass(slots=True)
class Appointment:
    id: int
    uid: str
    plan: int
    step: int
    placed: Placed
    booked: bool = True
    sequence: int = 0
    version: int = 1


@dataclass(slots=True)
class Hold:
    plan: int
    spans: list[Span]
    until: int


@dataclass(slots=True)
class Proposal:
    id: int
    plan: int
    version: int
    """The plan's, when it was searched for."""
    steps: list[Placed]


@dataclass(slots=True)
class Plan:
    id: int
    patient: str
    therapies: list[str]
    state: str = "draft"
    version: int = 1

    @property
    def open(self) -> bool:
        return self.state in {"draft", "approved"}


@dataclass
class Model:
    """The whole clinic as it ought to be, and the deeds that the audit lines ought to tell of."""

    now: int = 0
    plans: dict[int, Plan] = field(default_factory=dict)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    holds: dict[int, Hold] = field(default_factory=dict)
    """By plan: a new hold takes the place of the one before."""
    appointments: dict[int, Appointment] = field(default_factory=dict)
    absent: Minutes = field(default_factory=set)
    pressed: dict[str, int] = field(default_factory=dict)
    """The keys under which proposals have been booked."""
    deeds: list[tuple[str, str, int | None]] = field(default_factory=list)

    # What is taken

    def claims(self) -> Iterator[tuple[str, int, Span]]:
        """Everything that is taken now, with what for: an appointment by its number, a hold by its plan's."""
        for each in self.appointments.values():
            if each.booked:
                yield from (("appointment", each.id, span) for span in each.placed.spans())
        for hold in self.holds.values():
            if hold.until > self.now:
                yield from (("hold", hold.plan, span) for span in hold.spans)

    def taken(self, *, but_plan: int | None = None, but_appointment: int | None = None) -> Minutes:
        return minutes(
            span
            for why, number, span in self.claims()
            if (why, number) not in {("hold", but_plan), ("appointment", but_appointment)}
        )

    def of_plan(self, plan: int) -> list[Appointment]:
        return [each for each in self.appointments.values() if each.plan == plan]

    # What is allowed

    def may_hold(self, proposal: Proposal, version: int) -> bool:
        return self._as_searched(proposal, version) and self._is_free(
            proposal, self.taken(but_plan=proposal.plan)
        )

    def may_book(self, proposal: Proposal, version: int) -> bool:
        """A hold takes what is free; a booking must also be within hours, in order, and not in the past."""
        return (
            self._as_searched(proposal, version)
            and self.plans[proposal.plan].state == "approved"
            and proposal.steps[0].begin >= self.now
            and in_order(proposal.steps)
            and self._is_free(proposal, self.taken(but_plan=proposal.plan) | self.absent)
        )

    def _as_searched(self, proposal: Proposal, version: int) -> bool:
        plan = self.plans[proposal.plan]
        return plan.open and plan.version == version == proposal.version

    def _is_free(self, proposal: Proposal, busy: Minutes) -> bool:
        wanted = [span for step in proposal.steps for span in step.spans()]
        return once(wanted) and not minutes(wanted) & busy

    def may_move(self, appointment: Appointment, begin: int, version: int) -> bool:
        if not self.may_cancel(appointment, version) or begin < self.now + SOONEST_MINUTES:
            return False
        steps = {
            each.step: replace(each.placed, begin=begin) if each is appointment else each.placed
            for each in self.of_plan(appointment.plan)
            if each.booked
        }
        linked = ([steps[number], steps[number + 1]] for number in steps if number + 1 in steps)
        busy = self.taken(but_appointment=appointment.id) | self.absent
        return all(map(in_order, linked)) and any(
            not minutes(way.spans()) & busy for way in ways(steps[appointment.step])
        )

    def may_cancel(self, appointment: Appointment, version: int) -> bool:
        return appointment.booked and appointment.placed.begin > self.now and appointment.version == version

    def may_cancel_plan(self, plan: Plan, version: int) -> bool:
        return plan.state != "cancelled" and plan.version == version

    # What is done

    def hold(self, proposal: Proposal) -> None:
        spans = [span for step in proposal.steps for span in step.spans()]
        self.holds[proposal.plan] = Hold(proposal.plan, spans, self.now + HOLD_MINUTES)

    def let_go(self, plan: int) -> None:
        self.holds.pop(plan, None)

    def book(self, proposal: Proposal, named: list[tuple[int, str]]) -> None:
        """``named``: what the program calls the appointments, step by step."""
        plan = self.plans[proposal.plan]
        plan.state, plan.version = "booked", plan.version + 1
        self.let_go(plan.id)
        for step, ((number, uid), placed) in enumerate(zip(named, proposal.steps, strict=True)):
            self.appointments[number] = Appointment(number, uid, plan.id, step, placed)

    def move(self, appointment: Appointment, placed: Placed) -> None:
        appointment.placed = placed
        self.plans[appointment.plan].version += 1
        self._revise(appointment)

    def cancel(self, appointment: Appointment) -> None:
        appointment.booked = False
        self._revise(appointment)

    def _revise(self, appointment: Appointment) -> None:
        appointment.sequence += 1
        appointment.version += 1

    def cancel_plan(self, plan: Plan) -> None:
        """What has begun stays."""
        plan.state, plan.version = "cancelled", plan.version + 1
        self.let_go(plan.id)
        for each in self.of_plan(plan.id):
            if each.booked and each.placed.begin > self.now:
                self.cancel(each)


def minutes(spans: Iterable[Span]) -> Minutes:
    return {(name, minute) for name, begin, end in spans for minute in range(begin, end)}


def once(spans: list[Span]) -> bool:
    """Whether nothing is wanted twice at once."""
    return len(minutes(spans)) == sum(end - begin for _, begin, end in spans)


def in_order(steps: Iterable[Placed]) -> bool:
    return all(later.begin >= earlier.end for earlier, later in pairwise(steps))


def ways(placed: Placed) -> Iterator[Placed]:
    """The same step with everybody and everything that could fill its roles."""
    roles = list(placed.asked.roles)
    for names in product(*(ABLE[role] for role in roles)):
        yield replace(placed, filled=dict(zip(roles, names, strict=True)))
