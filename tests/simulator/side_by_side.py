"""Program and model beside each other: how a deed is done to both, and what is looked at after each."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import TypeVar
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy.orm import Session, sessionmaker

from coordinator.services import delivery, holding
from coordinator.services.delivery import Delivery
from coordinator.services.trail import COMMAND
from tests.simulator import invariants
from tests.simulator.clinic import GRID
from tests.simulator.invariants import instant
from tests.simulator.model import Model
from tests.simulator.program import Fate, Outcome, Program
from tests.simulator.recipients import LETTERHEAD, Recipients, Told
from tests.simulator.things import Appointment, Plan, Proposal

One = TypeVar("One")
MOST = 1007
PICK = st.integers(0, MOST)
"""All that a step is left to choose is drawn as such numbers; 0 is the plainest choice."""


def one_of(things: Sequence[One], pick: int) -> One:
    return things[pick % len(things)]


class SideBySide(RuleBasedStateMachine):
    """What all steps stand on. After each of them, whatever it was, the same invariants are checked."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.program = Program(url)
        self.model = Model(lines=[("import", "files", None)])
        self.recipients = Recipients(self.is_true)
        self.lines_read: list[int] = []
        self.answered: list[Callable[[Session], object]] = []
        """Requests that were granted; each has a key of its own, and may be sent again."""
        self.keys = count()
        self.outcomes = Counter[Outcome]()
        self.sound = True

    @invariant()
    def all_is_as_foreseen(self) -> None:
        self.sound, model = False, self.model
        with self.program.looking() as session:
            invariants.nothing_is_taken_twice(session)
            invariants.claims_are_as_foreseen(session, model)
            invariants.plans_are_whole(session, model)
            invariants.appointments_are_as_foreseen(session, model)
            invariants.attendances_are_as_foreseen(session, model)
            invariants.every_deed_has_its_line(session, self.lines_read, model)
            invariants.calendars_show_what_is_booked(session, model, self.recipients)
        self.sound = True

    def teardown(self) -> None:
        """The mail server gets well, and leases and pauses pass: nothing may be left over then."""
        try:
            if self.sound:
                self.settle()
        finally:
            self.program.stop()

    def settle(self) -> None:
        self.program.fate = Fate()
        for _ in range(7):
            self.pass_time(15)
            assert self.work_off() is Outcome.DONE
        self.all_is_as_foreseen()
        with self.program.looking() as session:
            invariants.nothing_is_left_over(session, self.model)

    def perform(self, deed: Callable[[Session], object], *, foreseen: bool = True) -> Outcome:
        """Do it, and hold how it ended against what the model has foreseen."""

        def as_a_door(sessions: sessionmaker[Session]) -> None:
            with sessions() as session:
                deed(session)

        self.sound = False
        outcome = self.program.perform(as_a_door)
        if outcome is Outcome.REFUSED:
            assert not foreseen, f"refused, but the model allows it: {self.program.refusal}"
        elif outcome.kept:
            assert foreseen, "done, but the model does not allow it"
        self.outcomes[outcome] += 1
        self.sound = True
        return outcome

    def ask(self, service: Callable[..., object], *about: object, foreseen: bool, **asked: object) -> Outcome:
        """Send a request with a key; who does not hear how it ended sends it again, and that must do nothing."""
        key = f"request {next(self.keys)}"

        def request(session: Session) -> object:
            return service(session, *about, **asked, key=key, by=COMMAND, now=self.program.now)

        outcome = self.perform(request, foreseen=foreseen)
        if outcome.kept:
            self.answered.append(request)
        if outcome is Outcome.UNHEARD:
            assert self.perform(request) is Outcome.DONE
        return outcome

    def work_off(self) -> Outcome:
        """A worker comes, lets go of holds that are over, sends what is due, and goes."""

        def tick(sessions: sessionmaker[Session]) -> None:
            with sessions() as session:
                holding.release_expired(session)
            Delivery(sessions, self.recipients, LETTERHEAD).work_off()

        # However busy this machine is: one mail at a time, so that a death leaves one without a mark.
        with patch.object(delivery, "PATIENCE_SECONDS", 60):
            return self.program.perform(tick)

    def pass_time(self, minutes: int) -> None:
        self.model.now += minutes
        self.program.pass_time(minutes)

    def note(self, deed: str, subject: str, number: int) -> None:
        self.model.lines.append((deed, subject, number))

    def some_proposal(self, pick: int) -> Proposal:
        """Mostly the newest that can still be booked; sometimes any."""
        every = list(self.model.proposals.values())[::-1]
        fresh = [each for each in every if each.version == self.model.plans[each.plan].version]
        return one_of(every if pick % 8 == 7 or not fresh else fresh, pick // 8)

    def some_plan(self, pick: int) -> Plan:
        """Mostly one that is booked; sometimes any."""
        every = list(self.model.plans.values())
        booked = [each for each in every if each.state == "booked"]
        return one_of(every if pick % 8 == 7 or not booked else booked, pick // 8)

    def some_appointment(self, pick: int) -> Appointment:
        """Mostly one to come; sometimes any."""
        every = list(self.model.appointments.values())[::-1]
        coming = self.coming()
        return one_of(every if pick % 8 == 7 or not coming else coming, pick // 8)

    def next_start(self) -> int:
        """The next minute at which an appointment may begin, but for how soon that is."""
        return -(-self.model.now // GRID) * GRID

    def coming(self) -> list[Appointment]:
        """All that is booked and has not begun, the newest first."""
        every = [each for plan in self.model.plans for each in self.model.coming(plan)]
        return sorted(every, key=lambda each: each.id, reverse=True)

    def shown(self, version: int, pick: int) -> int:
        """The version that the page showed: the one that is there, or now and then the one before."""
        return version - (pick % 8 == 7)

    def is_true(self, told: Told) -> bool:
        """Whether a mail that leaves now says what is so now."""
        about = next(each for each in self.model.appointments.values() if each.uid == told.uid)
        visit = about.placed.visit
        if told.method == "CANCEL":
            return not about.booked
        if visit is None or not about.booked or visit[0] <= self.model.now:
            return False
        return not told.method or told.time == (instant(visit[0]), instant(visit[1]))
