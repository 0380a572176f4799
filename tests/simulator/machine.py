"""The steps: each picks by chance what to do, does it to the program, and tells the model what to expect."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis.stateful import precondition, rule

from coordinator.services import booking, cancelling, holding, moving, shifting, swapping, undoing
from coordinator.services.trail import COMMAND
from tests.simulator import clinic, scene
from tests.simulator.clinic import GRID, NOTICE_DELAY_SECONDS
from tests.simulator.invariants import instant
from tests.simulator.program import Fate, Outcome
from tests.simulator.recipients import Mood
from tests.simulator.side_by_side import PICK, SideBySide, one_of
from tests.simulator.things import Placed, Plan, Proposal, swapped

PASSING = (1, 2, 3, 10, 25, 60, 240)
"""By how many minutes the clock goes on."""
TOLD_SOON = {"delay_seconds": NOTICE_DELAY_SECONDS}
MOODS = (*[Mood.TAKES] * 4, Mood.LATER, Mood.NEVER, Mood.DIES_BEFORE, Mood.DIES_AFTER)


class Simulator(SideBySide):
    """All that can happen, in any order."""

    # Asking for a plan

    @rule(patient=PICK, therapies=PICK)
    def draft(self, patient: int, therapies: int) -> None:
        """A plan of one to three steps for a patient, approved unless the machine dies in between."""
        who, count = one_of(list(clinic.PATIENTS), patient), 1 + therapies % 3
        kinds = [one_of(list(clinic.THERAPIES), therapies // 3 // 4**n) for n in range(count)]
        if not self.perform(scene.drafting(who, kinds, self.program.now)).kept:
            return
        with self.program.looking() as session:
            plan = Plan(scene.newest_plan(session), who, kinds)
        self.model.plans[plan.id] = plan
        self.note("draft", "plan", plan.id)
        if self.perform(scene.approving(plan.id, plan.version, self.program.now)).kept:
            plan.state, plan.version = "approved", plan.version + 1
            self.note("approve", "plan", plan.id)

    @precondition(lambda self: any(plan.open for plan in self.model.plans.values()))
    @rule(plan=PICK, times=PICK, names=PICK)
    def propose(self, plan: int, times: int, names: int) -> None:
        """Times for a plan as a search would have left them, be they free or not; no search is made."""
        chosen = one_of([each for each in self.model.plans.values() if each.open][::-1], plan)
        steps = list(self.placed(chosen, times, names))
        with self.program.looking() as session:
            number = scene.keep_proposal(
                session, chosen.id, [(each, instant(each.begin)) for each in steps], self.program.now
            )
        self.model.proposals[number] = Proposal(number, chosen.id, chosen.version, steps)

    def placed(self, plan: Plan, times: int, names: int) -> Sequence[Placed]:
        steps, begin = [], self.next_start() + GRID * (times % 112)
        for therapy in plan.therapies:
            roles = clinic.THERAPIES[therapy].roles
            filled = {}
            for role in roles:
                filled[role], names = one_of(clinic.ABLE[role], names), names // 2
            steps.append(Placed(therapy, plan.patient, begin, filled))
            begin = -(-steps[-1].end // GRID) * GRID + GRID * (times // 112)
        return steps

    # Holding and booking

    @precondition(lambda self: self.model.proposals)
    @rule(proposal=PICK, version=PICK)
    def hold(self, proposal: int, version: int) -> None:
        chosen = self.some_proposal(proposal)
        shown = self.shown(self.model.plans[chosen.plan].version, version)
        foreseen = self.model.may_hold(chosen, shown)
        if self.ask(holding.hold, chosen.id, version=shown, foreseen=foreseen).kept:
            self.model.hold(chosen)
            self.note("hold", "plan", chosen.plan)

    @precondition(lambda self: self.model.plans)
    @rule(plan=PICK)
    def let_go(self, plan: int) -> None:
        chosen = one_of([*self.model.holds, *self.model.plans], plan)
        now = self.program.now
        if self.perform(lambda session: holding.let_go(session, chosen, by=COMMAND, now=now)).kept:
            self.model.let_go(chosen)
            self.note("let-go", "plan", chosen)

    @precondition(lambda self: self.model.proposals)
    @rule(proposal=PICK, version=PICK)
    def book(self, proposal: int, version: int) -> None:
        chosen = self.some_proposal(proposal)
        shown = self.shown(self.model.plans[chosen.plan].version, version)
        foreseen = self.model.may_book(chosen, shown)
        if self.ask(booking.book, chosen.id, version=shown, foreseen=foreseen, **TOLD_SOON).kept:
            with self.program.looking() as session:
                self.model.book(chosen, scene.named(session, chosen.plan))
            self.note("book", "plan", chosen.plan)

    @precondition(lambda self: self.answered)
    @rule(request=PICK)
    def press_again(self, request: int) -> None:
        """A retry that comes late does nothing, whatever has become of the plan."""
        self.perform(one_of(self.answered[::-1], request))

    # Changing what is booked

    @precondition(lambda self: self.model.appointments)
    @rule(appointment=PICK, later=PICK, version=PICK)
    def move(self, appointment: int, later: int, version: int) -> None:
        """To a time by chance; who serves there is the program's choice, among those who can."""
        chosen = self.some_appointment(appointment)
        shown, begin = self.shown(chosen.version, version), self.next_start() + GRID * (later % 150)
        foreseen = self.model.may_move(chosen, begin, shown)
        there = instant(begin)
        if self.ask(
            moving.move, chosen.id, starts_at=there, version=shown, foreseen=foreseen, **TOLD_SOON
        ).kept:
            with self.program.looking() as session:
                filled = scene.filled(session, chosen.id, chosen.placed.asked)
            self.model.rearrange({chosen.id: replace(chosen.placed, begin=begin, filled=filled)})
            self.note("move", "appointment", chosen.id)

    @precondition(lambda self: self.model.appointments)
    @rule(one=PICK, other=PICK, version=PICK)
    def swap(self, one: int, other: int, version: int) -> None:
        """Mostly like with like: nothing else can be swapped."""
        first = self.some_appointment(one)
        like = [each for each in self.coming() if each.placed.therapy == first.placed.therapy]
        second = one_of(like, other // 8) if like and other % 8 != 7 else self.some_appointment(other)
        shown = self.shown(first.version, version), second.version
        foreseen = self.model.may_swap(first, second, shown)
        if self.ask(swapping.swap, first.id, second.id, versions=shown, foreseen=foreseen, **TOLD_SOON).kept:
            self.model.rearrange(swapped(first, second))
            self.note("swap", "appointment", first.id)

    @precondition(lambda self: self.model.plans)
    @rule(plan=PICK, days=PICK, minutes=PICK, version=PICK)
    def shift(self, plan: int, days: int, minutes: int, version: int) -> None:
        """By a day or not at all on the clinic's clocks, then by up to two hours to and fro."""
        chosen, way = self.some_plan(plan), {"days": days % 2, "minutes": GRID * (minutes % 17 - 8)}
        shown, later = self.shown(chosen.version, version), self.later(chosen, **way)
        foreseen = any(way.values()) and self.model.may_shift(chosen, later, shown)
        if self.ask(shifting.shift, chosen.id, **way, version=shown, foreseen=foreseen, **TOLD_SOON).kept:
            assert later
            self.model.rearrange(later)
            self.note("shift", "plan", chosen.id)

    def later(self, plan: Plan, days: int, minutes: int) -> dict[int, Placed] | None:
        """Where a plan's coming appointments would be; None where the clocks skip one of those times."""
        there = {}
        for each in self.model.coming(plan.id):
            begin = each.placed.begin + days * 24 * 60
            if each.placed.begin < clinic.CLOCKS_SKIP[0] <= begin:
                if begin < clinic.CLOCKS_SKIP[1]:
                    return None
                begin -= 60
            there[each.id] = replace(each.placed, begin=begin + minutes)
        return there

    @precondition(lambda self: self.model.appointments)
    @rule(appointment=PICK, version=PICK)
    def cancel(self, appointment: int, version: int) -> None:
        chosen = self.some_appointment(appointment)
        shown = self.shown(chosen.version, version)
        foreseen = self.model.may_cancel(chosen, shown)
        if self.ask(cancelling.cancel, chosen.id, version=shown, foreseen=foreseen, **TOLD_SOON).kept:
            self.model.cancel(chosen)
            self.note("cancel", "appointment", chosen.id)

    @precondition(lambda self: self.model.plans)
    @rule(plan=PICK, version=PICK)
    def cancel_plan(self, plan: int, version: int) -> None:
        chosen = self.some_plan(plan)
        shown = self.shown(chosen.version, version)
        foreseen = self.model.may_cancel_plan(chosen, shown)
        if self.ask(cancelling.cancel_plan, chosen.id, version=shown, foreseen=foreseen, **TOLD_SOON).kept:
            self.model.cancel_plan(chosen)
            self.note("cancel", "plan", chosen.id)

    @precondition(lambda self: self.model.done)
    @rule(deed=PICK, version=PICK)
    def undo(self, deed: int, version: int) -> None:
        """The newest deed of a plan, mostly of one that has something to undo."""
        plans = [plan for each in self.model.done[::-1] for plan in each.plans]
        fresh = [plan for plan in plans if self.model.newest(plan)]
        chosen = self.model.plans[one_of(plans if deed % 8 == 7 or not fresh else fresh, deed // 8)]
        newest, shown = self.model.newest(chosen.id), self.shown(chosen.version, version)
        foreseen = newest is not None and self.model.may_undo(newest, chosen, shown)
        if self.ask(undoing.undo, chosen.id, version=shown, foreseen=foreseen, **TOLD_SOON).kept:
            assert newest
            self.model.undo(newest)
            self.note("undo", "plan", chosen.id)

    @rule(resource=PICK, begin=PICK, length=PICK)
    def be_absent(self, resource: int, begin: int, length: int) -> None:
        """Somebody is ill or something is broken for a while: what is booked stays, nothing new comes there."""
        name = one_of(clinic.RESOURCES, resource)
        first = self.model.now + GRID * (begin % 100)
        last = first + GRID * (1 + length % 4)
        with self.program.looking() as session:
            scene.keep_absence(session, name, instant(first), instant(last))
        self.model.absent |= {(name, minute) for minute in range(first, last)}

    # What happens by itself

    @rule(minutes=PICK)
    def time_passes(self, minutes: int) -> None:
        """Holds run out, appointments begin, notices become due."""
        self.pass_time(one_of(PASSING, minutes))

    @rule(mood=PICK)
    def deliver(self, mood: int) -> None:
        """The worker wakes up; the mail server is as it is."""
        self.recipients.mood, self.recipients.last = one_of(MOODS, mood), None
        outcome = self.work_off()
        self.recipients.mood = Mood.TAKES
        if outcome in {Outcome.LOST, Outcome.UNHEARD}:
            self.recipients.worker_died()

    @rule(pick=PICK)
    def crash(self, pick: int) -> None:
        """The machine will die in the middle of what comes next."""
        kind, after = pick % 3, pick // 3
        self.program.fate = (
            Fate(after_commit=True),
            Fate(before_commit=True),
            Fate(at_statement=1 + after % 60),
        )[kind]

    @rule()
    def restart(self) -> None:
        self.program.restart()
