"""Every door by which something is booked, at times that are taken: the database refuses, whichever it is."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from benchmarks.reliability import asking, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.nodes import ROOT
from benchmarks.reliability.plans import FIRST_DAY, Visit
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly
from coordinator.models import Appointment, Claim

COURSE = Course(1)
NINE, TWELVE = (Visit(FIRST_DAY, hour * 60, 0) for hour in (9, 12))
STATEMENTS = {
    "INSERT": "INSERT INTO claim (resource_id, starts_at, ends_at, active, appointment_id)"
    " SELECT resource_id, starts_at, ends_at, active, appointment_id FROM claim WHERE id = {claim}",
    "INSERT of what is cancelled, then UPDATE": "UPDATE claim SET active = {true} WHERE id = {cancelled}",
    "UPDATE of the times": "UPDATE claim SET starts_at = (SELECT starts_at FROM claim WHERE id = {claim}),"
    " ends_at = (SELECT ends_at FROM claim WHERE id = {claim}) WHERE id = {other}",
}


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Pages, commands and plain SQL, beside a visit at nine."""
    asked = asking.parser("doors", __doc__).parse_args(arguments)
    with stage.prepared(
        asked.database, lanes=1, patients=4, courses=[COURSE], coordinators=1, node_count=1
    ) as ready:
        verdicts = [*_pages(ready), *_commands(ready), *_sql(ready)]
        return [*verdicts, exactly("overlapping claims", truths.overlaps(ready.engine), 0)]


def _pages(ready: Stage) -> Iterator[Verdict]:
    first, second, third, _ = (ready.desk.approved(each, COURSE) for each in ready.desk.clinic.patient_ids)
    at_nine = ready.desk.offer((plan, [NINE]) for plan in (first, second))
    (at_twelve,) = ready.desk.offer([(third, [TWELVE])])
    visitor = ready.visitor()
    answers = [
        visitor.post(offer.order[1], **offer.order[2]).status for offer in (at_nine[0], at_twelve, at_nine[1])
    ]
    yield exactly("page, book: free, free, taken", answers, [303, 303, 409])
    form = {"proposal_id": at_nine[1].proposal_id, "version": at_nine[1].version}
    yield exactly("page, hold: taken", visitor.post(f"/plans/{at_nine[1].plan_id}/hold", **form).status, 409)
    moved = visitor.post(
        f"/appointments/{_appointment(ready, third.plan_id)}/move",
        starts_at=ready.desk.instant(NINE).isoformat(),
        version=1,
    )
    yield Verdict("page, move: taken", str(moved.status), "409 or 422", moved.status in {409, 422})


def _commands(ready: Stage) -> Iterator[Verdict]:
    """A command that books looks for free times itself; one that moves is told a time."""
    with ready.sessions() as session:
        moving = session.scalars(select(Appointment.id).order_by(Appointment.starts_at.desc())).first()
    status = _flask(ready, "move", str(moving), "--to", f"{ready.desk.instant(NINE):%Y-%m-%d %H:%M}")
    yield Verdict("command, move: taken", f"status {status}", "not 0", status != 0)
    patient, pathway = ready.desk.clinic.patient_ids[3], ready.desk.clinic.pathway_ids[COURSE]
    day = f"{ready.desk.instant(NINE) - timedelta(hours=9):%Y-%m-%d}"
    words = ("book", "--patient", str(patient), "--pathway", str(pathway), "--from", day)
    approver = ("--approved-by", str(ready.desk.clinic.physician_id))
    yield exactly(
        "command, book: beside what is taken", f"status {_flask(ready, *words, *approver)}", "status 0"
    )


def _sql(ready: Stage) -> Iterator[Verdict]:
    """Past the program: claims of the physician, one of them cancelled."""
    with ready.sessions() as session:
        nine, twelve = (ready.desk.instant(visit) for visit in (NINE, TWELVE))
        claim, resource_id = session.execute(
            select(Claim.id, Claim.resource_id).where(Claim.starts_at == nine, Claim.active)
        ).first() or (0, 0)
        other = session.scalars(
            select(Claim.id).where(Claim.starts_at == twelve, Claim.resource_id == resource_id)
        ).one()
        copied = session.get_one(Claim, claim)
        spare = Claim(resource_id=resource_id, starts_at=nine, ends_at=copied.ends_at, active=False)
        spare.appointment_id = copied.appointment_id
        session.add(spare)
        session.commit()
        numbers = {"claim": claim, "other": other, "cancelled": spare.id}
    true = "1" if ready.engine.dialect.name == "sqlite" else "true"
    for what, statement in STATEMENTS.items():
        yield exactly(f"SQL, {what}: taken", _run(ready, statement.format(true=true, **numbers)), "refused")


def _run(ready: Stage, statement: str) -> str:
    try:
        with ready.engine.begin() as connection:
            connection.execute(text(statement))
    except DBAPIError:
        return "refused"
    return "accepted"


def _appointment(ready: Stage, plan_id: int) -> int:
    with ready.sessions() as session:
        return session.scalars(select(Appointment.id).where(Appointment.plan_id == plan_id)).one()


def _flask(ready: Stage, *words: str) -> int:
    node = ready.nodes[0]
    own = {
        "COORDINATOR_DATABASE_URL": ready.database.url,
        "COORDINATOR_DATA": str(node.folder),
        "COORDINATOR_SECRET_KEY": "a secret of the harness",
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | own, capture_output=True, check=False
    ).returncode
