"""A plan before any time is chosen: what a pathway comes to for one patient."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from coordinator.files.therapies import Preparation
from coordinator.files.values import Text

GroupKind = Literal["same_day", "not_same_day", "series_same", "series_wished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStep:
    """One thing to be booked, or a task: ``position`` of ``of`` in a series (1 of 1 outside of one).

    ``step`` is its key in the pathway; ``remote`` and ``preparations`` None: as the therapy says.
    """

    key: str
    step: str
    title: Text | None
    therapy_key: str | None
    position: int = 1
    of: int = 1
    optional: bool = False
    task: bool = False
    by: tuple[str, ...] = ()
    remote: bool | None = None
    weekdays_only: bool = False
    valid_for_days: int | None = None
    hard_max: bool = False
    blood_thinner_check: bool = False
    region: str | None = None
    side: str | None = None
    joint: str | None = None
    preparations: tuple[Preparation, ...] | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLink:
    """``after`` starts when ``before`` has ended; days from date to date, minutes from end to start.

    None is no limit. A ``gate`` is what has to be known or decided before ``after`` may take place.
    """

    before: str
    after: str
    min_days: int | None = None
    max_days: int | None = None
    min_minutes: int | None = None
    max_minutes: int | None = None
    gate: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftGroup:
    """Steps that belong together: on one day, on different days, or with one resource of a capability.

    ``series_same`` is a must, ``series_wished`` a wish.
    """

    kind: GroupKind
    steps: tuple[str, ...]
    capability: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftNote:
    """A rule that nobody enforces by machine, in words for a coordinator, with its facts."""

    kind: str
    text: Text
    step: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftWaiver:
    """A step that is not needed because a study is on file, and the last day on which that study counts."""

    step: str
    study: str
    done_on: date
    good_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A step that the plan does without: ``waived``, ``condition`` (not the patient's) or ``choice``."""

    step: str
    why: Literal["waived", "condition", "choice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDraft:
    """One plan: steps in the pathway's order, links, groups, and what people have to see to themselves."""

    pathway: str
    title: Text
    steps: tuple[DraftStep, ...]
    links: tuple[DraftLink, ...]
    groups: tuple[DraftGroup, ...]
    max_day_minutes: int | None
    waivers: tuple[DraftWaiver, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[DraftNote, ...]
