"""The command that books a whole plan."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import click

from coordinator import times
from coordinator.cli import itineraries
from coordinator.cli.frame import Failed, command, one_line, opened, setting
from coordinator.errors import Conflict
from coordinator.models import PlanState, Search, TreatmentPlan
from coordinator.services import appointing, booking, cancelling, finding, named, planning
from coordinator.services.trail import COMMAND

TRIES = 5
LEAST_SECONDS = 30
"""A command can wait for a search longer than a page."""
NOT_POSSIBLE, LOST = 3, 4


def read_date(_context: object, _option: object, text: str | None) -> date | None:
    """A date as it was typed."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"{text} is not a date; write 2026-12-01") from None


@command("book")
@click.option("--patient", required=True, metavar="ID", help="Number or key of the patient.")
@click.option("--pathway", required=True, metavar="ID", help="Number or key of the pathway.")
@click.option("--location", metavar="ID", help="Only at this location.")
@click.option("--from", "earliest", metavar="DATE", callback=read_date, help="No step before this date.")
@click.option("--approved-by", metavar="ID", help="The physician who approves; else the standing approver.")
@click.option("--json", "as_json", is_flag=True, help="Print the itinerary as JSON.")
@click.option("--dry-run", is_flag=True, help="Show the best way; book nothing.")
def book(
    patient: str,
    pathway: str,
    location: str | None,
    earliest: date | None,
    approved_by: str | None,
    as_json: bool,
    dry_run: bool,
) -> None:
    """Book the best whole plan of a pathway for a patient.

    Exit status 3: it cannot be booked, and why. 4: others were quicker every time.
    """
    with opened() as session:
        plan = _approved(session, patient, pathway, location, earliest, approved_by)
        with _dropped_unless_booked(session, plan):
            made = _proposed(session, plan) if dry_run else _booked(session, plan)
    click.echo(made.as_json() if as_json else made.in_words())


def _approved(
    session: Any,
    patient: str,
    pathway: str,
    location: str | None,
    earliest: date | None,
    approved_by: str | None,
) -> TreatmentPlan:
    """A plan that a physician has approved."""
    now = times.now()
    approver = named.practitioner(session, approved_by) if approved_by else named.standing_approver(session)
    plan = planning.draft_from_pathway(
        session,
        patient_id=named.patient(session, patient),
        pathway_id=named.pathway(session, pathway),
        earliest=earliest,
        locations=[named.location(session, location)] if location else None,
        by=COMMAND,
        now=now,
    )
    return planning.approve(
        session, plan.id, practitioner_id=approver, version=plan.version, by=COMMAND, now=now
    )


def _search(session: Any, plan: TreatmentPlan) -> Search:
    """The best ways to book the plan. Without any, the reasons are said."""
    seconds = max(LEAST_SECONDS, setting("SOLVER_SECONDS"))
    found = finding.find(session, plan.id, alternatives=0, seconds=seconds, by=COMMAND, now=times.now())
    if found.proposals:
        return found
    reasons = "; ".join(reason["text"].rstrip(".") for reason in found.reasons)
    if found.status == "unknown":
        reasons = "no way was found in the time given; set COORDINATOR_SOLVER_SECONDS higher"
    raise Failed(one_line(f"This plan cannot be booked: {reasons or 'no time fits'}."), NOT_POSSIBLE)


def _proposed(session: Any, plan: TreatmentPlan) -> itineraries.Itinerary:
    """The best way, not booked."""
    return itineraries.of_proposal(session, _search(session, plan).proposals[0])


def _booked(session: Any, plan: TreatmentPlan) -> itineraries.Itinerary:
    """Search and book; where another booking was quicker, search again."""
    for _ in range(TRIES):
        search = _search(session, plan)
        best = search.proposals[0]
        try:
            booking.book(
                session,
                best.id,
                version=search.plan_version,
                delay_seconds=setting("NOTICE_DELAY_SECONDS"),
                by=COMMAND,
                now=times.now(),
            )
        except Conflict as conflict:
            session.rollback()
            said = one_line(conflict)
        else:
            return itineraries.of_appointments(plan.id, best.cost, appointing.of_plan(session, plan.id))
    raise Failed(f"Others were quicker {TRIES} times. The last time: {said}", LOST)


@contextmanager
def _dropped_unless_booked(session: Any, plan: TreatmentPlan) -> Iterator[None]:
    """A plan that is not booked in the end does not stay on anybody's desk."""
    try:
        yield
    finally:
        session.rollback()
        if planning.load(session, plan.id).state != PlanState.BOOKED:
            cancelling.cancel_plan(session, plan.id, delay_seconds=0, by=COMMAND, now=times.now())


COMMANDS = (book,)
