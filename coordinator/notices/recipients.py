"""Who is told about a patient's appointments, and how: by mail, else by a call, else by a letter."""

from dataclasses import dataclass

from coordinator.language import LANGUAGES
from coordinator.models import Channel, Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person to tell. ``role`` is ``patient`` or ``carer``."""

    role: str
    channel: Channel
    address: str
    name: str
    language: str


def recipients(patient: Patient) -> list[Recipient]:
    """The patient, the carer as well, or the carer instead.

    Somebody is always told: a carer who cannot be reached does not stand in, and a patient without any
    address gets a letter without one, for the coordinator to see.
    """
    carer = _carer(patient)
    if carer is None:
        return [_patient(patient)]
    return [carer] if patient.carer_instead else [_patient(patient), carer]


def _patient(patient: Patient) -> Recipient:
    channel, address = _way(patient.email, patient.phone) or (Channel.LETTER, patient.address or "")
    return Recipient(
        role="patient", channel=channel, address=address, name=patient.name, language=_tongue(patient)
    )


def _carer(patient: Patient) -> Recipient | None:
    way = _way(patient.carer_email, patient.carer_phone)
    if way is None:
        return None
    return Recipient(
        role="carer",
        channel=way[0],
        address=way[1],
        name=patient.carer_name or "",
        language=_tongue(patient),
    )


def _tongue(patient: Patient) -> str:
    """The language that letters speak to this patient in: theirs where we have it, so that none is mixed."""
    spoken = patient.language.partition("-")[0]
    return spoken if spoken in LANGUAGES else LANGUAGES[0]


def _way(email: str | None, phone: str | None) -> tuple[Channel, str] | None:
    if email:
        return Channel.MAIL, email
    return (Channel.CALL, phone) if phone else None
