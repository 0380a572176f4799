"""What ought to be: plans, appointments and holds as plain values, and what is taken as sets of minutes.

Nothing here is quick or clever, and nothing is shared with the program. Instants are minutes since ``clinic.START``.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, product

from tests.simulator.clinic import ABLE, HOLD_MINUTES, SOONEST_MINUTES, THERAPIES, UNDO_MINUTES, Therapy

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
    freed: list[Hold] = field(default_factory=list)
    """What was cancelled is kept until that cannot be undone any more; never in its own patient's way."""
    appointments: dict[int, Appointment] = field(default_factory=dict)
    absent: Minutes = field(default_factory=set)
    deeds: list[tuple[str, str, int | None]] = field(default_factory=list)

    # What is taken

    def claims(self) -> Iterator[tuple[str, int, Span]]:
        """Everything that is taken now, with what for: an appointment by its number, a hold by its plan's."""
        for each in self.appointments.values():
            if each.booked:
                yield from (("appointment", each.id, span) for span in each.placed.spans())
        for hold in [*self.holds.values(), *self.freed]:
            if hold.until > self.now:
                yield from (("hold", hold.plan, span) for span in hold.spans)

    def taken(
        self, patient: str, *, but_held_for: int | None = None, but_by: Collection[int] = ()
    ) -> Minutes:
        """What is taken from a patient's point of view."""
        own = {each.id for each in self.plans.values() if each.patient == patient}
        freed = minutes(span for each in self.freed if each.plan in own for span in each.spans)
        others = minutes(
            span
            for why, number, span in self.claims()
            if not (number == but_held_for if why == "hold" else number in but_by)
        )
        return others - freed

    def _give_way(self, patient: str, wanted: list[Span]) -> None:
        """What is kept for an undo goes as a whole where the patient's own wishes touch it."""
        self.freed = [
            each
            for each in self.freed
            if self.plans[each.plan].patient != patient or not minutes(each.spans) & minutes(wanted)
        ]

    def _keep_free(self, plan: int, withdrawn: list[Appointment]) -> None:
        spans = [span for each in withdrawn for span in each.placed.spans()]
        self.freed.append(Hold(plan, spans, self.now + UNDO_MINUTES))

    def of_plan(self, plan: int) -> list[Appointment]:
        return [each for each in self.appointments.values() if each.plan == plan]

    # What is allowed

    def may_hold(self, proposal: Proposal, version: int) -> bool:
        """As searched, still to come, in order, and free: nobody else's and nobody absent."""
        plan = self.plans[proposal.plan]
        wanted = [span for step in proposal.steps for span in step.spans()]
        return (
            plan.state in {"draft", "approved"}
            and plan.version == version == proposal.version
            and proposal.steps[0].begin >= self.now
            and in_order(proposal.steps)
            and once(wanted)
            and not minutes(wanted) & (self.taken(plan.patient, but_held_for=plan.id) | self.absent)
        )

    def may_book(self, proposal: Proposal, version: int) -> bool:
        """What may be held, once a physician has approved it."""
        return self.plans[proposal.plan].state == "approved" and self.may_hold(proposal, version)

    def may_move(self, appointment: Appointment, begin: int, version: int) -> bool:
        """With whomever and whatever is free then."""
        return (
            self.may_cancel(appointment, version)
            and begin >= self.now + SOONEST_MINUTES
            and any(
                self.may_be_there({appointment.id: way}, self.absent)
                for way in ways(replace(appointment.placed, begin=begin))
            )
        )

    def may_swap(self, one: Appointment, other: Appointment, versions: tuple[int, int]) -> bool:
        """Only like with like. Whoever serves one of two plans serves the other, even where absent by now."""
        within = one.plan == other.plan
        return (
            one is not other
            and self.may_cancel(one, versions[0])
            and self.may_cancel(other, versions[1])
            and one.placed.therapy == other.placed.therapy
            and self.may_be_there(swapped(one, other), self.absent if within else set())
        )

    def may_shift(self, plan: Plan, later: dict[int, Placed] | None, version: int) -> bool:
        """``later``: all that has not begun, where it would be; None where the clocks never show that time."""
        if not later:
            return False
        return (
            plan.version == version
            and all(each.begin > self.now for each in later.values())
            and self.may_be_there(later, self.absent)
        )

    def may_be_there(self, placed: dict[int, Placed], absent: Minutes) -> bool:
        """Whether appointments could be there instead: nothing taken twice, and all in order."""
        wanted = [span for each in placed.values() for span in each.spans()]
        plans = {self.appointments[number].plan for number in placed}
        return (
            once(wanted)
            and not any(
                minutes(each.spans()) & (self.taken(each.patient, but_by=placed) | absent)
                for each in placed.values()
            )
            and all(map(in_order, (pair for plan in plans for pair in self.linked(plan, placed))))
        )

    def linked(self, plan: int, placed: dict[int, Placed]) -> Iterator[list[Placed]]:
        """Each step that is booked with the next one, if that is booked too."""
        steps = {each.step: placed.get(each.id, each.placed) for each in self.of_plan(plan) if each.booked}
        yield from ([steps[number], steps[number + 1]] for number in steps if number + 1 in steps)

    def coming(self, plan: int) -> list[Appointment]:
        """What of a plan is booked and has not begun."""
        return [each for each in self.of_plan(plan) if each.booked and each.placed.begin > self.now]

    def may_cancel(self, appointment: Appointment, version: int) -> bool:
        return appointment.booked and appointment.placed.begin > self.now and appointment.version == version

    def may_cancel_plan(self, plan: Plan, version: int) -> bool:
        return plan.state != "cancelled" and plan.version == version

    # What is done

    def hold(self, proposal: Proposal) -> None:
        spans = [span for step in proposal.steps for span in step.spans()]
        self._give_way(self.plans[proposal.plan].patient, spans)
        self.holds[proposal.plan] = Hold(proposal.plan, spans, self.now + HOLD_MINUTES)

    def let_go(self, plan: int) -> None:
        self.holds.pop(plan, None)

    def book(self, proposal: Proposal, named: list[tuple[int, str]]) -> None:
        """``named``: what the program calls the appointments, step by step."""
        plan = self.plans[proposal.plan]
        plan.state, plan.version = "booked", plan.version + 1
        self.let_go(plan.id)
        self._give_way(plan.patient, [span for step in proposal.steps for span in step.spans()])
        for step, ((number, uid), placed) in enumerate(zip(named, proposal.steps, strict=True)):
            self.appointments[number] = Appointment(number, uid, plan.id, step, placed)

    def rearrange(self, placed: dict[int, Placed]) -> None:
        """Who or what else serves is nothing to tell of; another time is."""
        for plan in {self.appointments[number].plan for number in placed}:
            self.plans[plan].version += 1
        for number, there in placed.items():
            appointment = self.appointments[number]
            appointment.sequence += there.begin != appointment.placed.begin
            appointment.version += 1
            appointment.placed = there
            self._give_way(there.patient, there.spans())

    def cancel(self, appointment: Appointment) -> None:
        self.plans[appointment.plan].version += 1
        self._keep_free(appointment.plan, [appointment])
        self._withdraw(appointment)

    def _withdraw(self, appointment: Appointment) -> None:
        appointment.booked = False
        appointment.sequence += 1
        appointment.version += 1

    def cancel_plan(self, plan: Plan) -> None:
        """What has begun stays."""
        plan.state, plan.version = "cancelled", plan.version + 1
        self.let_go(plan.id)
        self._keep_free(plan.id, self.coming(plan.id))
        for each in self.coming(plan.id):
            self._withdraw(each)


def minutes(spans: Iterable[Span]) -> Minutes:
    return {(name, minute) for name, begin, end in spans for minute in range(begin, end)}


def once(spans: list[Span]) -> bool:
    """Whether nothing is wanted twice at once."""
    return len(minutes(spans)) == sum(end - begin for _, begin, end in spans)


def in_order(steps: Iterable[Placed]) -> bool:
    return all(later.begin >= earlier.end for earlier, later in pairwise(steps))


def swapped(one: Appointment, other: Appointment) -> dict[int, Placed]:
    """Each with the other's time, people and room; patients stay who they are."""
    return {
        each.id: replace(each.placed, begin=there.placed.begin, filled=there.placed.filled)
        for each, there in ((one, other), (other, one))
    }


def ways(placed: Placed) -> Iterator[Placed]:
    """The same step with everybody and everything that could fill its roles."""
    roles = list(placed.asked.roles)
    for names in product(*(ABLE[role] for role in roles)):
        yield replace(placed, filled=dict(zip(roles, names, strict=True)))
