"""A patients file: who they are, how to reach them, what they need, what is on file."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from coordinator.files.clinics import Disclosure
from coordinator.files.values import Day, Email, Entry, Key, Language, Name, Phone, WeekHours, Words


class Identifier(Entry):
    """A number that another system knows the patient by."""

    system: Name
    value: Name


class Needs(Entry):
    """What a patient needs besides the therapy: an interpreter, a way without steps, transport."""

    interpreter: Language | None = None
    step_free: bool = False
    transport: bool = False


class Carer(Entry):
    """Someone who is told too, or ``instead`` of the patient."""

    name: Name
    email: Email | None = None
    phone: Phone | None = None
    instead: bool = False

    @model_validator(mode="after")
    def _can_be_told(self) -> "Carer":
        if self.instead and not (self.email or self.phone):
            raise ValueError("who is told instead of the patient needs an e-mail or a phone number")
        return self


class Study(Entry):
    """A study that was done, and whether a physician has seen report and images."""

    study: Key
    done_on: Day
    reviewed: bool = False


class Patient(Entry):
    """A patient who can be reached: by e-mail, phone, post or through a carer."""

    key: Key
    name: Name
    birth_date: Day
    identifiers: tuple[Identifier, ...] = ()
    email: Email | None = None
    phone: Phone | None = None
    address: Words | None = None
    language: Language = "en"
    timezone: Name | None = None
    can_come: WeekHours | None = None
    locations: tuple[Key, ...] = ()
    disclosure: Disclosure | None = None
    needs: Needs = Needs()
    conditions: tuple[Key, ...] = ()
    carer: Carer | None = None
    studies: tuple[Study, ...] = ()

    @field_validator("birth_date")
    @classmethod
    def _lives(cls, birth_date: Day, info: ValidationInfo) -> Day:
        on = (info.context or {}).get("on")
        if on and birth_date > on:
            raise ValueError(f"{birth_date} is in the future")
        if on and birth_date.year < on.year - 130:
            raise ValueError(f"{birth_date} is more than 130 years ago")
        return birth_date

    @model_validator(mode="after")
    def _can_be_reached(self) -> "Patient":
        carer = self.carer and (self.carer.email or self.carer.phone)
        if not (self.email or self.phone or self.address or carer):
            raise ValueError("there is no way to reach this patient: give an e-mail, phone, address or carer")
        return self


class PatientsFile(Entry):
    """All that a patients file says."""

    kind: Literal["patients"] = "patients"
    patients: Annotated[tuple[Patient, ...], Field(min_length=1)]
