"""What ought to be, in plain Python: what is taken as sets of minutes, what may be done, and what it then is.

Nothing here is quick or clever, and nothing is shared with the program.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from tests.simulator.clinic import HOLD_MINUTES, SOONEST_MINUTES, UNDO_MINUTES
from tests.simulator.things import (
    Appointment,
    Deed,
    Hold,
    Minutes,
    Placed,
    Plan,
    Proposal,
    Span,
    in_order,
    minutes,
    once,
    swapped,
    ways,
)


@dataclass
class Model:
    """The whole clinic as it ought to be, and how it came to that."""

    now: int = 0
    plans: dict[int, Plan] = field(default_factory=dict)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    holds: dict[int, Hold] = field(default_factory=dict)
    """By plan: a new hold takes the place of the one before."""
    freed: list[Hold] = field(default_factory=list)
    """What was cancelled is kept until that cannot be undone any more; never in its own patient's way."""
    appointments: dict[int, Appointment] = field(default_factory=dict)
    absent: Minutes = field(default_factory=set)
    done: list[Deed] = field(default_factory=list)
    lines: list[tuple[str, str, int | None]] = field(default_factory=list)
    """What the audit trail ought to tell."""

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
        kept = [each for each in self.freed if each.plan in own and each.until > self.now]
        others = minutes(
            span
            for why, number, span in self.claims()
            if span[2] > self.now and not (number == but_held_for if why == "hold" else number in but_by)
        )
        return others - minutes(span for each in kept for span in each.spans)

    def _give_way(self, patient: str, wanted: list[Span]) -> None:
        """What is kept for an undo goes as a whole where the patient's own wishes touch it."""
        self.freed = [
            each
            for each in self.freed
            if self.plans[each.plan].patient != patient or not minutes(each.spans) & minutes(wanted)
        ]

    def _keep_free(self, deed: Deed, withdrawn: list[Appointment]) -> None:
        """What is cancelled is kept for its undo."""
        spans = [span for each in withdrawn for span in each.placed.spans()]
        deed.freed = Hold(deed.plans[0], spans, deed.until)
        self.freed.append(deed.freed)

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

    def newest(self, plan: int) -> Deed | None:
        """What of a plan can be undone first."""
        standing = [each for each in self.done if plan in each.plans and not each.undone]
        return standing[-1] if standing and standing[-1].until > self.now else None

    def may_undo(self, deed: Deed, plan: Plan, version: int) -> bool:
        """While nothing builds on it, nothing has begun, and nobody has the old time. Links and hours are not asked."""
        later = self.done[self.done.index(deed) + 1 :]
        back = [placed for placed in deed.before.values() if placed]
        patients = {self.plans[each].patient for each in deed.plans}
        busy = set.intersection(*(self.taken(each, but_by=deed.before) for each in patients))
        return (
            plan.version == version
            and not any(each.builds_on(deed) for each in later)
            and all(
                each.placed.begin > self.now or not each.booked
                for each in map(self.appointments.__getitem__, deed.before)
            )
            and all(each.begin > self.now for each in back)
            and not minutes(span for each in back for span in each.spans()) & busy
        )

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
        self._remember([plan.id], dict.fromkeys((number for number, _ in named)), plan)
        plan.state, plan.version = "booked", plan.version + 1
        self.let_go(plan.id)
        self._give_way(plan.patient, [span for step in proposal.steps for span in step.spans()])
        for step, ((number, uid), placed) in enumerate(zip(named, proposal.steps, strict=True)):
            new = Appointment(number, uid, plan.id, step, placed, sequence=-1, version=0)
            appointment = self.appointments.setdefault(number, new)  # undone and booked again, it is the same
            appointment.booked, appointment.placed = True, placed
            appointment.sequence += 1
            appointment.version += 1

    def rearrange(self, placed: dict[int, Placed]) -> None:
        """Who or what else serves is nothing to tell of; another time is."""
        plans = {self.appointments[number].plan for number in placed}
        self._remember(plans, {number: self.appointments[number].placed for number in placed})
        for plan in plans:
            self.plans[plan].version += 1
        for number, there in placed.items():
            appointment = self.appointments[number]
            appointment.sequence += there.begin != appointment.placed.begin
            appointment.version += 1
            appointment.placed = there
            self._give_way(there.patient, there.spans())

    def cancel(self, appointment: Appointment) -> None:
        deed = self._remember([appointment.plan], {appointment.id: appointment.placed})
        self.plans[appointment.plan].version += 1
        self._keep_free(deed, [appointment])
        self._withdraw(appointment)

    def _withdraw(self, appointment: Appointment) -> None:
        appointment.booked = False
        appointment.sequence += 1
        appointment.version += 1

    def cancel_plan(self, plan: Plan) -> None:
        """What has begun stays."""
        coming = self.coming(plan.id)
        deed = self._remember([plan.id], {each.id: each.placed for each in coming}, plan)
        plan.state, plan.version = "cancelled", plan.version + 1
        self.let_go(plan.id)
        self._keep_free(deed, coming)
        for each in coming:
            self._withdraw(each)

    def undo(self, deed: Deed) -> None:
        """Versions and revisions go on; all else is as it was, and what was found before can be booked again."""
        deed.undone = True
        self.freed = [each for each in self.freed if each is not deed.freed]
        for number in deed.plans:
            plan = self.plans[number]
            plan.version += 1
            plan.state = deed.state or plan.state
            for each in self.proposals.values():
                if deed.state and each.plan == number and each.version == deed.version:
                    each.version = plan.version
        back = [span for placed in deed.before.values() if placed for span in placed.spans()]
        for patient in {self.plans[number].patient for number in deed.plans}:
            self._give_way(patient, back)
        for number, placed in deed.before.items():
            appointment = self.appointments[number]
            appointment.booked, appointment.placed = placed is not None, placed or appointment.placed
            appointment.sequence += 1
            appointment.version += 1

    def _remember(
        self, plans: Collection[int], before: dict[int, Placed | None], changed: Plan | None = None
    ) -> Deed:
        deed = Deed(sorted(plans), before, self.now + UNDO_MINUTES)
        if changed:
            deed.state, deed.version = changed.state, changed.version
        self.done.append(deed)
        return deed
