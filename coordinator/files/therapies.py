"""What a step does: phases with their needs, what the patient is told, where the numbers come from."""

from typing import Annotated

from pydantic import Field, model_validator

from coordinator.files.values import DAY_MINUTES, Bases, Basis, Days, Entry, Key, Minutes, Name, Text, Words


class Need(Entry):
    """One resource (or ``count`` of them) that has all the capabilities, for a phase.

    ``before`` and ``after`` are minutes of set-up and cleaning. Needs of one therapy with the same ``label``
    (``as`` in the file) are met by the same resource, or with ``count`` by the same resources.
    """

    capabilities: Annotated[tuple[Key, ...], Field(min_length=1, alias="all")]
    label: Key | None = Field(default=None, alias="as")
    count: Annotated[int, Field(ge=1, le=50)] = 1
    before: Minutes = 0
    after: Minutes = 0


class Phase(Entry):
    """A stretch of a step with its own needs; ``patient`` says whether the patient is there."""

    name: Text
    minutes: Annotated[int, Field(ge=1, le=DAY_MINUTES)]
    patient: bool = True
    needs: tuple[Need, ...] = ()

    @model_validator(mode="after")
    def _each_label_once(self) -> "Phase":
        labels = [need.label for need in self.needs if need.label]
        if twice := next((label for label in labels if labels.count(label) > 1), None):
            raise ValueError(f"'as: {twice}' stands twice in one phase; there it is one resource")
        return self


class Preparation(Entry):
    """What the patient is told to do, ``lead_days`` before the appointment (0: on the day).

    A ``sensitive`` text stays behind the link unless the patient's level of disclosure allows it in a letter.
    """

    lead_days: Days
    text: Text
    sensitive: bool = False


class GroupFacts(Entry):
    """Who holds a group, where, for how many; what is booked is a place in one of the clinic's groups."""

    capacity: Annotated[int, Field(ge=1, le=500)]
    led_by: tuple[Key, ...] = ()
    room: Key | None = None
    basis: Basis = ()


class Background(Entry):
    """A role that must be in the house, for ``at_most`` patients at once; it is told, not booked."""

    role: Key
    at_most: Annotated[int, Field(ge=1, le=500)]
    basis: Basis = ()


class InlineTherapy(Entry):
    """The fields of a therapy without a key: inside a step of a pathway."""

    name: Text
    patient_name: Text
    discipline: Name | None = None
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    remote: bool = False
    group: GroupFacts | None = None
    background: tuple[Background, ...] = ()
    preparations: tuple[Preparation, ...] = ()
    note: Words | None = None
    basis: Bases = Field(default_factory=dict)

    @model_validator(mode="after")
    def _within_a_day(self) -> "InlineTherapy":
        if self.minutes > DAY_MINUTES:
            raise ValueError(f"lasts {self.minutes} minutes, longer than a day")
        return self

    @property
    def minutes(self) -> int:
        """How long a step of this therapy lasts: the sum of its phases."""
        return sum(phase.minutes for phase in self.phases)

    @property
    def group_capacity(self) -> int | None:
        """For how many patients the therapy is held at once; None where it is for one."""
        return self.group.capacity if self.group else None

    def capabilities(self) -> set[str]:
        """Every capability that a resource must have for this therapy to take place."""
        return {key for phase in self.phases for need in phase.needs for key in need.capabilities}


class Therapy(InlineTherapy):
    """A therapy that steps name by its key. ``patient_name`` is neutral: it may stand in a letter."""

    key: Key
