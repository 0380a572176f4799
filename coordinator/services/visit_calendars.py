"""A patient's coming appointments as one file to add to a calendar, telling no more than letters may."""

from datetime import datetime

from sqlalchemy.orm import Session

from coordinator.calendars import invites
from coordinator.calendars.visits import Party, Visit
from coordinator.errors import Refusal
from coordinator.language import pick, say
from coordinator.models import Appointment, Clinic
from coordinator.notices import disclosure, links
from coordinator.notices.post import Letterhead
from coordinator.services import lists, looks, visits
from coordinator.services.trail import Actor


def calendar(
    session: Session, link_key: str | None, language: str, *, letterhead: Letterhead, by: Actor, now: datetime
) -> bytes:
    """All coming appointments of whoever the link belongs to. Raises NotFound, and Refusal where there is none."""
    patient = visits.patient_of(session, link_key)
    looks.note(session, by, "patient-calendar", patient.id, now)
    clinic = lists.clinic(session)
    if clinic is None:
        raise Refusal("No clinic has been set up yet. Import a clinic file first.")
    coming = visits.coming(session, patient.id, now=now)
    written = [_visit(each, language, clinic, letterhead) for each in coming]
    return invites.added(written, clinic.name)


def _visit(appointment: Appointment, language: str, clinic: Clinic, letterhead: Letterhead) -> Visit:
    """The appointment under the UID of its invite, so that no calendar shows it twice."""
    clinic_party = letterhead.sender(clinic)
    location = appointment.location
    where = (
        say(language, "By phone or video")
        if appointment.step.remote
        else f"{location.name}, {location.address}"
    )
    domain = clinic_party.email.rpartition("@")[2]
    return Visit(
        uid=f"{appointment.uid}@{domain}",
        sequence=appointment.sequence,
        revised_at=appointment.revised_at,
        starts_at=appointment.patient_starts_at or appointment.starts_at,
        ends_at=appointment.patient_ends_at or appointment.ends_at,
        summary=disclosure.title(appointment.step, disclosure.level(appointment.patient, clinic), language),
        place=where,
        description="\n".join(filter(None, (pick(location.directions, language), location.phone))),
        url=f"{letterhead.base_url}/a/{links.answer_token(letterhead.secret_key, appointment.uid)}",
        organizer=clinic_party,
        attendee=Party(email=clinic_party.email, name=appointment.patient.name),
        language=language,
    )
