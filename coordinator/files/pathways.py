"""A pathway file: the template of a plan, as steps, links, series, bundles and rules."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_serializer, model_validator

from coordinator.files.therapies import InlineTherapy, Preparation, Therapy
from coordinator.files.values import Bases, Basis, Days, Entry, Key, Name, Text, Words

Strength = Literal["required", "wished"]
RuleKind = Literal[
    "min-gap",
    "rolling-limit",
    "required-positive",
    "not-same-day",
    "requires-active",
    "validity",
    "min-trial",
    "no-therapy-before",
    "max-day-span",
    "one-region-per-visit",
    "attendance-target",
    "window",
    "bleeding-risk",
]
Count = Annotated[int, Field(ge=1, le=500)]

RULE_FACTS: dict[str, tuple[str, ...]] = {
    "min-gap": ("steps", "days"),
    "rolling-limit": ("steps", "at_most", "window_days"),
    "required-positive": ("steps", "before", "at_least", "percent"),
    "not-same-day": ("steps",),
    "requires-active": ("steps", "of"),
    "validity": ("of", "before", "days"),
    "min-trial": ("of", "before", "hours"),
    "no-therapy-before": ("steps",),
    "max-day-span": ("bundle", "minutes"),
    "one-region-per-visit": ("steps",),
    "attendance-target": ("percent",),
    "window": ("of", "at_most", "days"),
    "bleeding-risk": ("level",),
}
"""The facts without which a rule of a kind says nothing."""


def _span(given: Any) -> Any:
    if isinstance(given, int) and not isinstance(given, bool):
        return {"least": given, "most": None}
    if isinstance(given, (list, tuple)):
        if len(given) not in (1, 2):
            raise ValueError("must be the least, or the least and the most: [7, 14]")
        return {"least": given[0], "most": given[1] if len(given) == 2 else None}
    return given


class Span(Entry):
    """The least and the most of something, or no most. In a file ``[7, 14]``, ``[7, null]`` or ``7``."""

    least: Annotated[int, Field(ge=0, le=1_100_000)]
    most: Annotated[int, Field(ge=0, le=1_100_000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: Any) -> Any:
        return _span(given)

    @model_serializer(mode="plain")
    def _as_list(self) -> list[int | None]:
        return [self.least, self.most]

    @model_validator(mode="after")
    def _least_first(self) -> "Span":
        if self.most is not None and self.most < self.least:
            raise ValueError(f"the least ({self.least}) is more than the most ({self.most})")
        return self


class After(Entry):
    """What comes before a step. ``days`` run from date to date, ``minutes`` from the end to the start.

    Where the earlier step is a series, ``anchor`` says whether its last (``end``) or ``first`` counts.
    """

    step: Key
    anchor: Literal["end", "first"] = "end"
    days: Span | None = None
    minutes: Span | None = None
    same_day: bool = False
    gate: Text | None = None
    basis: Basis = ()


class Same(Entry):
    """One and the same practitioner or room, of those with a capability, for all of a series."""

    of: Key
    strength: Strength = "wished"


class Series(Entry):
    """A repeated step; ``days`` lie between one and the next, ``within_days`` hold all, both ends counted."""

    count: Annotated[int, Field(ge=2, le=200)]
    days: Span
    per_week: Annotated[int, Field(ge=1, le=7)] | None = None
    same_practitioner: Same | None = None
    same_room: Same | None = None
    same_time: Strength | None = None
    consecutive: bool = False
    weekdays_only: bool = False
    within_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    basis: Basis = ()


class SamePeople(Entry):
    """The practitioner with capability ``of`` is the one of another step."""

    step: Key
    of: Key


class Waiver(Entry):
    """A study on file, not older than ``within_days``, that makes the step unnecessary.

    With ``needs`` (what a physician must have seen) only a study marked as reviewed counts.
    """

    study: Key
    within_days: Days
    needs: Text | None = None
    basis: Basis = ()


class BackScheduled(Entry):
    """So many days before another step, by the patient's condition."""

    step: Key
    days_before: Annotated[dict[Key, Days], Field(min_length=1)]
    basis: Bases = Field(default_factory=dict)


class Step(Entry):
    """One thing to be booked, or a ``task`` without a place that someone (``by``) has to do."""

    key: Key
    title: Text | None = None
    therapy: (
        Annotated[
            Annotated[Key, Tag("key")] | Annotated[InlineTherapy, Tag("inline")],
            Discriminator(lambda given: "key" if isinstance(given, str) else "inline"),
        ]
        | None
    ) = None
    task: bool = False
    by: tuple[Key, ...] = ()
    after: tuple[After, ...] = ()
    series: Series | None = None
    same_people_as: tuple[SamePeople, ...] = ()
    waived_if: Waiver | None = None
    only_if: Key | None = None
    instead_of: Key | None = None
    optional: bool = False
    remote: bool | None = None
    valid_for_days: Days | None = None
    back_scheduled: BackScheduled | None = None
    hard_max: bool = False
    blood_thinner_check: bool = False
    region: Key | None = None
    side: Key | None = None
    joint: Key | None = None
    preparations: tuple[Preparation, ...] | None = None
    note: Text | None = None
    basis: Bases = Field(default_factory=dict)

    @model_validator(mode="after")
    def _task_or_therapy(self) -> "Step":
        if self.task and self.therapy is not None:
            raise ValueError("a task has no therapy; say who does it with 'by'")
        if not self.task and self.therapy is None:
            raise ValueError("needs a therapy (or 'task: true' for something without a place)")
        if self.task and self.title is None:
            raise ValueError("a task needs a title")
        return self

    def occurrences(self) -> tuple[str, ...]:
        """The keys of what is booked for this step: its own, or one for each of a series."""
        if self.series is None:
            return (self.key,)
        return tuple(f"{self.key}-{number}" for number in range(1, self.series.count + 1))


class Bundle(Entry):
    """Steps of one day, ``required`` or ``wished``, in an ``order`` or any, with little waiting between."""

    key: Key
    mode: Strength
    steps: Annotated[tuple[Key, ...], Field(min_length=2)]
    order: tuple[Key, ...] = ()
    max_idle_minutes: Annotated[int, Field(ge=0, le=1440)] | None = None
    max_day_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    weight: Literal["low", "medium", "high"] | None = None
    basis: Basis = ()


class Rule(Entry):
    """A rule as facts. ``others`` are kinds of step elsewhere; ``enforced_by`` says who sees to it."""

    kind: RuleKind
    steps: tuple[Key, ...] = ()
    others: tuple[Key, ...] = ()
    others_name: Text | None = None
    of: Key | None = None
    before: tuple[Key, ...] = ()
    bundle: Key | None = None
    days: Days | None = None
    hours: Annotated[int, Field(ge=1, le=8760)] | None = None
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    at_least: Count | None = None
    at_most: Count | None = None
    window_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    per: Key | None = None
    same_region: bool = False
    same_side: bool = False
    level: Text | None = None
    note: Text | None = None
    enforced_by: Name | None = None
    basis: Basis = ()

    @model_validator(mode="after")
    def _says_enough(self) -> "Rule":
        if missing := [fact for fact in RULE_FACTS[self.kind] if not getattr(self, fact)]:
            raise ValueError(f"a rule '{self.kind}' needs {' and '.join(missing)}")
        return self


class PathwayFile(Entry):
    """All that a pathway file says."""

    kind: Literal["pathway"] = "pathway"
    key: Key
    title: Text
    description: Text | None = None
    status: Text
    location: Text | None = None
    rules: tuple[Rule, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=500)]
    therapies: tuple[Therapy, ...] = ()
    sources: dict[Name, Words] = Field(default_factory=dict)

    def step(self, key: str) -> Step:
        """The step with a key. Raises KeyError."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)

    def title_of(self, step: Step) -> Text | None:
        """A step's title, or its therapy's name; None where the therapy is the clinic's."""
        if step.title:
            return step.title
        names = {therapy.key: therapy.name for therapy in self.own_therapies()}
        return names.get(self.therapy_key(step) or "")

    def therapy_key(self, step: Step) -> str | None:
        """The key of a step's therapy; one inside the step is called after both. None for a task."""
        if step.therapy is None or isinstance(step.therapy, str):
            return step.therapy
        return self._inside_key(step)

    def _inside_key(self, step: Step) -> str:
        return f"{self.key}-{step.key}"[:80]

    def own_therapies(self) -> tuple[Therapy, ...]:
        """The therapies that this file brings along, those inside steps among them."""
        inside = (
            Therapy(key=self._inside_key(step), **dict(step.therapy))
            for step in self.steps
            if isinstance(step.therapy, InlineTherapy)
        )
        return (*self.therapies, *inside)
