"""Two appointments exchange their times, people and rooms, or nothing happens."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import Conflict, Refusal
from coordinator.models import Appointment, AuditLine, Claim, Notice, Reply, TreatmentPlan
from coordinator.services import appointing, cancelling, swapping
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic
from tests.services.test_booking import overlaps

QUICK = {"delay_seconds": 0, "by": COMMAND, "now": clinic.NOW}


def with_whom(appointment: Appointment) -> tuple[object, ...]:
    return (
        appointment.starts_at,
        appointment.ends_at,
        sorted((each.resource_id, each.starts_at) for each in appointment.attendances),
    )


def last_session(db: Session, patient_key: str) -> Appointment:
    """The last session of a patient's series, at the northern location."""
    booked = clinic.booked(db, patient_key, locations=["north"])
    return next(each for each in booked if each.step.key == "physio-3")


@pytest.fixture
def two(db: Session) -> tuple[Appointment, Appointment]:
    clinic.set_up(db)
    ids = [last_session(db, key).id for key in ("rosa", "tom")]
    return appointing.one(db, ids[0]), appointing.one(db, ids[1])


def test_two_patients_exchange_times_people_and_rooms(
    db: Session, two: tuple[Appointment, Appointment]
) -> None:
    before = [with_whom(each) for each in two]
    assert before[0] != before[1]
    versions = (two[0].version, two[1].version)
    swapped = swapping.swap(db, two[0].id, two[1].id, versions=versions, knowingly=True, **QUICK)
    assert [with_whom(each) for each in swapped] == before[::-1]
    assert [(each.sequence, each.reply) for each in swapped] == [(1, Reply.OPEN)] * 2
    for each in swapped:
        claims = select(Claim.resource_id).where(Claim.appointment_id == each.id, Claim.active)
        taken = set(db.scalars(claims))
        assert taken == {each.patient_id, *(other.resource_id for other in each.attendances)}
    assert not overlaps(db)
    line = db.scalars(select(AuditLine).where(AuditLine.deed == "swap")).one()
    assert (line.subject_id, line.facts) == (two[0].id, {"other": two[1].id})


def test_what_a_swap_breaks_is_told_first(db: Session, two: tuple[Appointment, Appointment]) -> None:
    first = next(each for each in appointing.of_plan(db, two[1].plan_id) if each.step.key == "physio-1")
    weighed = swapping.weigh(db, two[0].id, first.id, now=clinic.NOW)
    assert any(each.rule == "link" for _, broken in weighed for each in broken)
    with pytest.raises(Refusal, match="breaks what the plan asks for"):
        swapping.swap(db, two[0].id, first.id, **QUICK)
    assert appointing.one(db, first.id).sequence == 0
    assert swapping.swap(db, two[0].id, first.id, knowingly=True, **QUICK)[1].sequence == 1


def test_people_who_cannot_do_it_are_no_swap(db: Session, two: tuple[Appointment, Appointment]) -> None:
    physio = next(each for each in appointing.of_plan(db, two[1].plan_id) if each.step.key == "physio-1")
    scan = next(each for each in appointing.of_plan(db, two[0].plan_id) if each.step.key == "imaging")
    before = [with_whom(physio), with_whom(scan)]
    with pytest.raises(Refusal, match=r"does not fit: .* is no "):
        swapping.swap(db, physio.id, scan.id, knowingly=True, **QUICK)
    assert [with_whom(appointing.one(db, each.id)) for each in (physio, scan)] == before


def test_within_one_plan_the_order_counts(db: Session, two: tuple[Appointment, Appointment]) -> None:
    steps = {each.step.key: each for each in appointing.of_plan(db, two[0].plan_id)}
    one, other = steps["physio-1"], steps["physio-3"]
    with pytest.raises(Refusal, match="breaks what the plan asks for"):
        swapping.swap(db, one.id, other.id, **QUICK)
    before = with_whom(one), with_whom(other)
    swapped = swapping.swap(db, one.id, other.id, knowingly=True, **QUICK)
    assert tuple(map(with_whom, swapped)) == before[::-1]
    assert not overlaps(db)


@pytest.mark.parametrize("stale", [0, 1])
def test_a_stale_page_swaps_nothing(db: Session, two: tuple[Appointment, Appointment], stale: int) -> None:
    versions = [each.version for each in two]
    versions[stale] += 1
    notices = len(db.scalars(select(Notice)).all())
    with pytest.raises(Conflict):
        swapping.swap(db, two[0].id, two[1].id, versions=(versions[0], versions[1]), **QUICK)
    db.rollback()
    assert len(db.scalars(select(Notice)).all()) == notices


def test_what_is_cancelled_or_the_same_is_not_swapped(
    db: Session, two: tuple[Appointment, Appointment]
) -> None:
    with pytest.raises(Refusal, match="with itself"):
        swapping.swap(db, two[0].id, two[0].id, **QUICK)
    cancelling.cancel(db, two[1].id, **QUICK)
    with pytest.raises(Refusal, match="cancelled"):
        swapping.swap(db, two[0].id, two[1].id, **QUICK)


def test_both_plans_are_newer_after_a_swap(db: Session, two: tuple[Appointment, Appointment]) -> None:
    versions = [db.get_one(TreatmentPlan, each.plan_id).version for each in two]
    swapping.swap(db, two[0].id, two[1].id, knowingly=True, **QUICK)
    assert [db.get_one(TreatmentPlan, each.plan_id).version - 1 for each in two] == versions
