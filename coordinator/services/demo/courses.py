"""The demo's plans, made by the same services as everybody's: booked and answered, or waiting on the desk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from coordinator.models import Appointment, Reply, TreatmentPlan
from coordinator.services import answers, booking, finding, named, planning, trail

SECONDS = 60
"""How long one search may take; the clinic is still idle, so it takes a fraction of that."""


@dataclass(frozen=True, slots=True)
class Course:
    """A patient's plan: by which pathway, where, how many days from now at the soonest, and what the patient says."""

    patient: str
    pathway: str
    location: str
    in_days: int
    reply: Reply = Reply.YES
    comment: str = ""


BOOKED = (
    Course("rowena-blackwood", "one-day-assessment", "riverside", 0),
    Course("quilla-rosas", "intake-diagnostics-programme", "hillcrest", 0),
    Course("maribel-quintana", "one-day-assessment", "hillcrest", 1, Reply.NO),
    Course("harlan-whitlock", "esi-anticoagulated", "riverside", 1),
    Course("everett-knox", "one-day-assessment", "riverside", 2, Reply.OPEN),
    Course("tabitha-lowe", "scs", "hillcrest", 2),
    Course("zelda-fairbanks", "cbt-education", "riverside", 3),
    Course(
        "bettina-crowe",
        "intake-diagnostics-programme",
        "hillcrest",
        6,
        Reply.MOVE,
        "I have to work that morning; any afternoon is fine.",
    ),
    Course("imogen-sable", "intake-diagnostics-programme", "riverside", 9, Reply.OPEN),
)
TO_BOOK = Course("ivo-sanderling", "one-day-assessment", "riverside", 3)
TO_APPROVE = Course("delphine-hart", "facet-mbb-rfa", "hillcrest", 7)


def make(session: Session, on: date, now: datetime) -> None:
    """Draft, approve, search, book and answer plans as their doors would; each of these commits by itself."""
    for course in BOOKED:
        _answer(session, course, _book(session, approved(session, course, on, now), now), now)
    approved(session, TO_BOOK, on, now)
    draft(session, TO_APPROVE, on, now)


def draft(session: Session, course: Course, on: date, now: datetime) -> TreatmentPlan:
    """The course as a draft."""
    return planning.draft_from_pathway(
        session,
        patient_id=named.patient(session, course.patient),
        pathway_id=named.pathway(session, course.pathway),
        earliest=on + timedelta(days=course.in_days),
        locations=[course.location],
        by=trail.COMMAND,
        now=now,
    )


def approved(session: Session, course: Course, on: date, now: datetime) -> TreatmentPlan:
    """The course as a plan that the standing approver has approved."""
    plan = draft(session, course, on, now)
    approver = named.standing_approver(session)
    return planning.approve(
        session, plan.id, practitioner_id=approver, version=plan.version, by=trail.COMMAND, now=now
    )


def _book(session: Session, plan: TreatmentPlan, now: datetime) -> Sequence[Appointment]:
    search = finding.find(session, plan.id, seconds=SECONDS, alternatives=0, by=trail.COMMAND, now=now)
    return booking.book(
        session,
        search.proposals[0].id,
        version=search.plan_version,
        delay_seconds=0,
        by=trail.COMMAND,
        now=now,
    )


def _answer(session: Session, course: Course, booked: Iterable[Appointment], now: datetime) -> None:
    """A yes is meant for every visit, anything else for the first one; nothing is said to the others."""
    visits = [each.uid for each in booked if each.patient_starts_at is not None]
    for uid in visits if course.reply is Reply.YES else visits[:1]:
        if course.reply is not Reply.OPEN:
            answers.answer(
                session,
                uid,
                reply=course.reply,
                comment=course.comment,
                door="link",
                by=trail.PATIENT,
                now=now,
            )
