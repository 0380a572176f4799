"""After a move that broke the plan, the rest follows only when asked, and then whole."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from coordinator.errors import Conflict
from coordinator.models import TreatmentPlan
from coordinator.services import appointing, moving, planning, replanning, shifting, standing, undoing
from coordinator.services.replanning import Rest
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic
from tests.services.test_booking import overlaps

QUICK = {"delay_seconds": 120, "by": COMMAND, "now": clinic.NOW}


@pytest.fixture
def plan_id(db: Session) -> int:
    """Rosa's second session was moved three weeks away, knowingly."""
    clinic.set_up(db)
    booked = clinic.booked(db, "rosa", locations=["north"])
    second = next(each for each in booked if each.step.key == "physio-2")
    later = second.starts_at + timedelta(days=21)
    moving.move(db, second.id, starts_at=later, knowingly=True, **QUICK)
    return second.plan_id


def broken(db: Session, plan_id: int) -> list[str]:
    appointments = appointing.loaded(db, plan_id)
    return [each.step for each in standing.broken(planning.load(db, plan_id), appointments)]


def starts(db: Session, plan_id: int) -> dict[str, object]:
    return {each.step.key: each.starts_at for each in appointing.of_plan(db, plan_id)}


def found(db: Session, plan_id: int, staying: list[str]) -> tuple[TreatmentPlan, Rest]:
    ids = [each.id for each in appointing.of_plan(db, plan_id) if each.step.key in staying]
    replanning.find(db, plan_id, staying=ids, seconds=20, by=COMMAND, now=clinic.NOW)
    appointments = appointing.loaded(db, plan_id)
    plan = planning.load(db, plan_id)
    rest = replanning.found(db, plan, appointments)
    assert rest is not None
    return plan, rest


def test_what_is_broken_is_known_and_nothing_follows_by_itself(db: Session, plan_id: int) -> None:
    before = starts(db, plan_id)
    assert set(broken(db, plan_id)) == {"physio-2", "physio-3"}
    _, rest = found(db, plan_id, ["physio-2"])
    assert rest.proposal is not None
    assert starts(db, plan_id) == before


def test_the_rest_follows_the_one_that_stays_and_is_kept_where_it_can(db: Session, plan_id: int) -> None:
    before = starts(db, plan_id)
    plan, rest = found(db, plan_id, ["physio-2"])
    assert rest.proposal is not None
    replanning.book(db, rest.proposal.id, version=plan.version, key="one", **QUICK)
    after = starts(db, plan_id)
    assert broken(db, plan_id) == []
    assert not overlaps(db)
    assert after["physio-2"] == before["physio-2"]
    assert after["consult"] == before["consult"]
    assert {step.key: step.starts_at for step, _ in rest.steps} | {"physio-2": after["physio-2"]} == after
    replanning.book(db, rest.proposal.id, version=plan.version, key="one", **QUICK)
    undoing.undo(db, plan_id, **QUICK)
    assert starts(db, plan_id) == before


def test_what_was_found_for_the_plan_as_it_was_is_not_booked(db: Session, plan_id: int) -> None:
    plan, rest = found(db, plan_id, ["physio-2"])
    assert rest.proposal is not None
    version, proposal = plan.version, rest.proposal.id
    shifting.shift(db, plan_id, days=7, knowingly=True, **QUICK)
    before = starts(db, plan_id)
    with pytest.raises(Conflict):
        replanning.book(db, proposal, version=version, **QUICK)
    with pytest.raises(Conflict):
        replanning.book(db, proposal, version=version + 1, **QUICK)
    assert starts(db, plan_id) == before


def test_where_nothing_fits_the_reasons_are_said(db: Session, plan_id: int) -> None:
    second = next(each for each in appointing.of_plan(db, plan_id) if each.step.key == "physio-2")
    later = second.starts_at + timedelta(days=42)
    moving.move(db, second.id, starts_at=later, knowingly=True, **QUICK)
    before = starts(db, plan_id)
    _, rest = found(db, plan_id, ["consult", "physio-2"])
    assert rest.proposal is None
    assert rest.reasons
    assert starts(db, plan_id) == before
