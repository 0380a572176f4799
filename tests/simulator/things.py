"""What the model is made of: plans, appointments, holds, and what they take, in minutes since ``clinic.START``."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, product

from tests.simulator.clinic import ABLE, THERAPIES, Therapy

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


@dataclass(slots=True)
class Deed:
    """What can be undone: where appointments were before it, and the state of a plan that it changed."""

    plans: list[int]
    before: dict[int, Placed | None]
    """None: there was no such appointment."""
    until: int
    state: str = ""
    version: int = 0
    """The plan's before it; with no state, it is of no interest."""
    freed: Hold | None = None
    """What it freed, kept for its undo."""
    undone: bool = False

    def builds_on(self, earlier: "Deed") -> bool:
        """Whether what it changed is what an earlier one has changed, so that this has to be undone first."""
        shared = bool(self.state) or not self.before.keys().isdisjoint(earlier.before)
        return not self.undone and shared and not set(self.plans).isdisjoint(earlier.plans)


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
