"""Times at the edge of what there is, at every door that takes times: refused or taken, never a fault."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from benchmarks.reliability import asking, clinics, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.plans import FIRST_DAY, Visit
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly
from coordinator.database import begin_writing
from coordinator.errors import Conflict, FileProblems, Refusal
from coordinator.models import Block, Resource
from coordinator.services import claiming
from coordinator.services.claims import Stretch

COURSE = Course(1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LAST = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
INSERT = text(
    "INSERT INTO claim (resource_id, starts_at, ends_at, active, appointment_id)"
    " SELECT r.id, :begins, :ends, :active, (SELECT min(id) FROM appointment)"
    " FROM resource r WHERE r.key = 'physician-0'"
)
TAKEN, REFUSED = "taken", "refused"


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Try all of them beside one visit at ten."""
    asked = asking.parser("edges", __doc__).parse_args(arguments)
    with stage.prepared(
        asked.database, lanes=1, patients=2, courses=[COURSE], coordinators=1, node_count=1
    ) as ready:
        appointment_id, begins = _two_visits(ready)
        return [
            *_moves(ready, appointment_id, begins),
            *_claims(ready, begins),
            *_sql(ready, begins),
            *_files(ready),
            exactly("overlapping claims", truths.overlaps(ready.engine), 0),
            exactly("faults in the server's log", ready.nodes[0].said("Traceback"), 0),
        ]


def _two_visits(ready: Stage) -> tuple[int, datetime]:
    """A visit at ten that stays, and one at fifteen that is moved about: its number, and ten o'clock."""
    visits = [Visit(FIRST_DAY, hour * 60, 0) for hour in (10, 15)]
    plans = [ready.desk.approved(each, COURSE) for each in ready.desk.clinic.patient_ids]
    offers = ready.desk.offer((plan, [visit]) for plan, visit in zip(plans, visits, strict=True))
    visitor = ready.visitor()
    for offer in offers:
        _, path, form = offer.order
        assert visitor.post(path, **form).status == 303
    query = f"SELECT id FROM appointment WHERE plan_id = {offers[1].plan_id}"
    return truths.number(ready.engine, query), ready.desk.instant(visits[0])


def _moves(ready: Stage, appointment_id: int, ten: datetime) -> Iterator[Verdict]:
    """A visit takes half an hour; the grid of the clinic is five minutes."""
    tries: dict[str, tuple[str, set[int]]] = {
        "one minute into another visit, off the grid": ((ten + 29 * MINUTE).isoformat(), {409, 422}),
        "five minutes into another visit": ((ten + 25 * MINUTE).isoformat(), {409, 422}),
        "five minutes too long before another": ((ten - 25 * MINUTE).isoformat(), {409, 422}),
        "touching another's end": ((ten + 30 * MINUTE).isoformat(), {303}),
        "touching another's begin": ((ten - 30 * MINUTE).isoformat(), {303}),
        "before the clinic opens": ((ten - 9 * HOUR).isoformat(), {409, 422}),
        "in the past": ((ten - 2000 * HOUR).isoformat(), {409, 422}),
        "without a zone": ((ten + HOUR).replace(tzinfo=None).isoformat(), {422}),
        "in the year 9999": (LAST.isoformat(), {422}),
        "in the year 1": ("0001-01-01T00:00:00+00:00", {422}),
        "beyond the horizon": ((ten + 3000 * HOUR * 24).isoformat(), {409, 422}),
        "no time at all": ("ten o'clock", {422}),
        "nothing": ("", {422}),
    }
    visitor = ready.visitor()
    for what, (wanted, allowed) in tries.items():
        version = truths.number(ready.engine, f"SELECT version FROM appointment WHERE id = {appointment_id}")
        status = visitor.post(
            f"/appointments/{appointment_id}/move", starts_at=wanted, version=version
        ).status
        yield Verdict(f"move: {what}", str(status), " or ".join(map(str, sorted(allowed))), status in allowed)


def _stretches(ten: datetime) -> dict[str, tuple[datetime, datetime, str]]:
    """Beside a visit from ten to half past ten; what is taken is let go again."""
    half = ten + 30 * MINUTE
    return {
        "one minute into a visit": (half - MINUTE, half + HOUR, REFUSED),
        "ends one minute into a visit": (ten - HOUR, ten + MINUTE, REFUSED),
        "around a visit": (ten - HOUR, half + HOUR, REFUSED),
        "within a visit": (ten + MINUTE, half - MINUTE, REFUSED),
        "touching on both sides": (half, half + HOUR, TAKEN),
        "of no length": (ten + 2 * HOUR, ten + 2 * HOUR, REFUSED),
        "of no length, within a visit": (ten + MINUTE, ten + MINUTE, REFUSED),
        "ends before it begins": (ten + 3 * HOUR, ten + 2 * HOUR, REFUSED),
        "25 hours": (half, half + 25 * HOUR, TAKEN),
        "the year 9999": (LAST - HOUR, LAST, TAKEN),
    }


def _claims(ready: Stage, ten: datetime) -> Iterator[Verdict]:
    tries = _stretches(ten) | {"without a zone": (ten.replace(tzinfo=None), ten + HOUR, REFUSED)}
    for what, (begins, ends, asked) in tries.items():
        with ready.sessions() as session:
            yield exactly(f"claim: {what}", _outcome(_claim, session, begins, ends), asked)


def _claim(session: Session, begins: datetime, ends: datetime) -> None:
    begin_writing(session)
    block = Block(title="A meeting", starts_at=begins, ends_at=ends)
    session.add(block)
    session.flush()
    number = session.query(Resource.id).where(Resource.key == "physician-0").scalar()
    assert number is not None
    claiming.claim(session, [Stretch(resource_id=number, starts_at=begins, ends_at=ends, block_id=block.id)])
    session.rollback()


def _sql(ready: Stage, ten: datetime) -> Iterator[Verdict]:
    """Past the program, under the appointment that is there."""
    sqlite = ready.engine.dialect.name == "sqlite"
    for what, (begins, ends, asked) in _stretches(ten).items():
        at = [int(each.timestamp()) if sqlite else each for each in (begins, ends)]
        yield exactly(f"SQL: {what}", _outcome(_put, ready, *at), asked)


def _put(ready: Stage, begins: Any, ends: Any) -> None:
    with ready.engine.connect() as connection:
        connection.execute(INSERT, {"begins": begins, "ends": ends, "active": True})
        connection.rollback()


def _files(ready: Stage) -> Iterator[Verdict]:
    """Working hours and absences of a clinic file; a dry run keeps nothing."""
    for what, (hours, asked) in {
        "hours of a day": ("08:00-17:00", TAKEN),
        "hours of no length": ("10:00-10:00", REFUSED),
        "hours that end before they begin": ("17:00-08:00", REFUSED),
        "hours until 25:00": ("08:00-25:00", REFUSED),
        "hours that overlap": ("08:00-12:00,11:00-14:00", REFUSED),
        "hours without an end": ("08:00", REFUSED),
    }.items():
        file = clinics.clinic_file(1)
        file["practitioners"][0]["hours"] = [{"location": "here", "days": {"mon": hours.split(",")}}]
        yield exactly(f"clinic file: {what}", _outcome(_import, ready, file), asked)
    for what, (first, last, asked) in {
        "an absence in the year 9999": ("9999-12-31", "9999-12-31", REFUSED),
        "an absence that ends before it begins": ("2027-03-02", "2027-03-01", REFUSED),
        "an absence on 30 February": ("2027-02-30", "2027-03-01", REFUSED),
    }.items():
        file = clinics.clinic_file(1)
        file["practitioners"][0]["absences"] = [{"from": first, "until": last}]
        yield exactly(f"clinic file: {what}", _outcome(_import, ready, file), asked)


def _import(ready: Stage, file: dict[str, Any]) -> None:
    with ready.sessions() as session:
        clinics.bring(session, [file], now=ready.desk.now, dry_run=True)


def _outcome(deed: Callable[..., None], *given: Any) -> str:
    """Whether it was taken, or refused in a way that a door can tell of; anything else is a fault."""
    try:
        deed(*given)
    except (Refusal, Conflict, FileProblems, DBAPIError, StatementError):
        return REFUSED
    except Exception as error:
        return f"a fault: {error!r}"[:60]
    return TAKEN
