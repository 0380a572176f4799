"""What a message may tell: the patient's own level, else the clinic's."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from coordinator.language import pick, say
from coordinator.models import Clinic, Disclosure, Patient, PlanStep
from coordinator.models.columns import Facts


@dataclass(frozen=True, slots=True)
class Advice:
    """How to prepare: what may be read in a message, and whether there is more behind the patient's link."""

    texts: list[str]
    more: bool


def level(patient: Patient, clinic: Clinic) -> Disclosure:
    """How much messages to this patient may tell."""
    return patient.disclosure or Disclosure(clinic.disclosure)


def title(step: PlanStep, allowed: Disclosure, language: str) -> str:
    """What the visit is called in calendars: ``Appointment``, or where allowed its neutral name and number."""
    _ = partial(say, language)
    if allowed is Disclosure.TIME or step.therapy is None:
        return _("Appointment")
    name = pick(step.therapy.patient_name, language) or _("Appointment")
    if step.number is None or step.of is None:
        return name
    return _("{name} ({number} of {of})", name=name, number=step.number, of=step.of)


def preparations(step: PlanStep) -> list[Facts]:
    """The step's own preparations where its pathway has some, else those of its therapy."""
    if step.preparations is not None:
        return step.preparations
    return step.therapy.preparations if step.therapy else []


def advice(step: PlanStep, allowed: Disclosure, language: str, lead_days: int | None = None) -> Advice:
    """The preparations of a step, or those that begin ``lead_days`` before it."""
    wanted = [one for one in preparations(step) if lead_days in (None, one["lead_days"])]
    told = list(_told(wanted, allowed, language))
    return Advice(texts=told, more=len(told) < len(wanted))


def _told(wanted: list[Facts], allowed: Disclosure, language: str) -> Iterator[str]:
    for one in wanted:
        sensitive = one.get("sensitive", True)  # where nobody said, it is
        if allowed is Disclosure.FULL or (allowed is Disclosure.NEUTRAL and not sensitive):
            yield pick(one["text"], language)
