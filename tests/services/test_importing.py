"""A clinic's files become rows: all of them, or nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from coordinator.errors import FileProblems
from coordinator.models import (
    AuditLine,
    Block,
    Claim,
    Clinic,
    Disclosure,
    Group,
    Location,
    Pathway,
    Patient,
    Place,
    Practitioner,
    Resource,
    Room,
    Study,
    Therapy,
)
from coordinator.services import claiming
from coordinator.services.claims import Stretch
from coordinator.services.importing import import_files
from coordinator.services.trail import COMMAND
from tests.services.a_clinic import CLINIC, NOW, PATHWAY, PATIENTS, everything, reading


def take(db, *readings, **options):
    return import_files(db, readings, by=COMMAND, now=NOW, **options)


def resource(db, key):
    parts = (Resource.capabilities, Resource.hours, Resource.exceptions, Resource.absences)
    query = select(Resource).where(Resource.key == key).options(*(selectinload(part) for part in parts))
    return db.scalars(query.execution_options(populate_existing=True)).one()


def refused(db, *readings):
    """What an import was refused for; nothing of it was kept."""
    before = [len(db.scalars(select(kind)).all()) for kind in (Clinic, Resource, Therapy, Pathway, Location)]
    with pytest.raises(FileProblems) as problems:
        take(db, *readings)
    db.rollback()
    after = [len(db.scalars(select(kind)).all()) for kind in (Clinic, Resource, Therapy, Pathway, Location)]
    assert before == after
    return str(problems.value)


def test_everything_is_taken_whatever_the_order_of_the_files(db):
    report = take(db, *everything())
    assert report.counts == {
        "locations": 1, "practitioners": 2, "rooms": 2, "devices": 1, "groups": 1, "therapies": 1,
        "pathways": 1, "patients": 2,
    }  # fmt: skip
    line = db.scalars(select(AuditLine)).one()
    assert (line.deed, line.actor, line.facts["patients"]) == ("import", "command", 2)


def test_the_clinic_and_its_location(db):
    take(db, *everything())
    clinic = db.scalars(select(Clinic)).one()
    assert (clinic.reminder_lead_hours, clinic.weights["visit_day"], clinic.grid_minutes) == ([48], 300, 5)
    place = db.scalars(select(Location).options(selectinload(Location.closures))).one()
    assert place.directions == {"en": "By the river", "es": "Junto al río"}
    assert (place.holiday_country, place.holiday_subdivision) == ("US", "CA")
    assert [(str(each.first_date), str(each.last_date)) for each in place.closures] == [
        ("2026-12-23", "2026-12-24")
    ]


def test_a_count_becomes_so_many_rooms_and_step_free_is_a_capability(db):
    take(db, *everything())
    assert db.scalars(select(Room.key).order_by(Room.position)).all() == [
        "exam-1",
        "exam-2",
        "exam-3",
        "hall",
    ]
    exam = resource(db, "exam-2")
    assert (exam.name, exam.cleaning_minutes, exam.hours) == ("Exam 2", 5, [])
    assert [each.key for each in exam.capabilities] == ["exam", "step-free"]
    assert [each.key for each in resource(db, "hall").capabilities] == ["exam"]


def test_a_group_becomes_places_and_its_leader_and_room_are_kept_free(db):
    take(db, *everything())
    group = db.scalars(select(Group)).one()
    places = db.scalars(select(Place).where(Place.group_id == group.id).order_by(Place.position)).all()
    assert [place.key for place in places] == ["class-1", "class-2", "class-3", "class-4"]
    assert resource(db, "class-1").hours[0].days == {"mon": ["10:00-11:00"]}
    brook, hall = resource(db, "nurse-brook"), resource(db, "hall")
    assert [(row.days.get("mon"), row.only) for row in brook.hours] == [
        (["08:00-10:00", "11:00-17:00"], []),
        (["10:00-11:00"], ["class-place"]),
    ]
    assert hall.hours[0].days["mon"] == ["08:00-10:00", "11:00-18:00"]
    assert brook.exceptions[0].spans == ["09:00-10:00", "11:00-12:00"]
    assert (group.leader_ids, group.room_id) == ([brook.id], hall.id)


def test_places_are_gone_while_the_leader_is(db):
    take(db, *everything())
    day = [(datetime(2026, 12, 7, 8, tzinfo=UTC), datetime(2026, 12, 8, 8, tzinfo=UTC))]
    for key in ("nurse-brook", "class-3"):
        assert [(gone.starts_at, gone.ends_at) for gone in resource(db, key).absences] == day


def test_therapies_have_one_need_a_resource(db):
    text = CLINIC.replace("{all: [nurse], as: who}", "{all: [exam], as: who, count: 2}")
    take(db, reading(text))
    visit = db.scalars(select(Therapy)).one()
    assert visit.phases[0]["needs"] == [
        {"all": ["exam"], "as": "who"},
        {"all": ["exam"], "as": "who-2"},
        {"all": ["exam"], "as": "where", "after": 5},
    ]
    assert (visit.minutes, visit.discipline, visit.phases[0]["patient"]) == (45, "medicine", True)
    assert visit.preparations[0]["text"] == {"en": "Bring your list", "es": "Traiga su lista"}


def test_a_therapy_inside_a_step_gets_a_row_of_its_own(db):
    take(db, *everything())
    assert set(db.scalars(select(Therapy.key))) == {"visit", "short-class"}


def test_a_patient(db):
    take(db, *everything())
    rosa = db.scalars(
        select(Patient).where(Patient.key == "p-1").options(selectinload(Patient.studies))
    ).one()
    assert rosa.can_come == {"mon": ["08:00-12:00"]}
    assert (rosa.disclosure, rosa.needs_step_free, rosa.needs_transport) == (Disclosure.NEUTRAL, True, True)
    assert (rosa.carer_name, rosa.carer_phone, rosa.carer_instead) == (
        "Luis Mendez",
        "+1 510 555 0177",
        False,
    )
    assert [(each.study, str(each.done_on), each.reviewed) for each in rosa.studies] == [
        ("mri-lumbar", "2026-08-15", True)
    ]
    assert len(rosa.link_key) >= 32


def test_the_same_again_changes_nothing(db):
    take(db, *everything())
    before = {row.key: (row.id, row.link_key) for row in db.scalars(select(Patient))}
    take(db, *everything())
    assert {row.key: (row.id, row.link_key) for row in db.scalars(select(Patient))} == before
    assert len(db.scalars(select(Resource)).all()) == 13
    assert db.scalars(select(Pathway.version)).one() == 1
    assert len(resource(db, "nurse-brook").hours) == 2


def test_a_pathway_that_says_something_new_gets_a_new_version(db):
    take(db, *everything())
    take(db, reading(PATHWAY.replace("days: [1, 60]", "days: [2, 60]")))
    assert db.scalars(select(Pathway.version)).one() == 2


def test_what_the_clinic_no_longer_has_stays_but_out_of_use(db):
    take(db, *everything())
    report = take(db, reading(CLINIC.replace("count: 3", "count: 2")))
    assert report.retired == ["exam-3"]
    assert not resource(db, "exam-3").active
    take(db, reading(CLINIC))
    assert resource(db, "exam-3").active


def take_up(db, key, *, days):
    """An hour of a resource, so many days from now."""
    begins = NOW + timedelta(days=days)
    block = Block(title="Taken", starts_at=begins, ends_at=begins + timedelta(hours=1))
    db.add(block)
    db.flush()
    times = {"starts_at": block.starts_at, "ends_at": block.ends_at}
    claiming.claim(db, [Stretch(resource_id=resource(db, key).id, block_id=block.id, **times)])
    db.commit()


def test_a_room_that_is_booked_at_a_time_to_come_cannot_be_left_out(db):
    take(db, *everything())
    take_up(db, "exam-3", days=-1)
    smaller = reading(CLINIC.replace("count: 3", "count: 2"))
    assert take(db, smaller, dry_run=True).retired == ["exam-3"]
    take_up(db, "exam-3", days=30)
    assert "'exam-3' is left out, and is booked until" in refused(db, smaller)


def test_a_group_keeps_the_places_that_are_taken(db):
    take(db, *everything())
    take_up(db, "class-4", days=-1)
    take_up(db, "class-4", days=30)
    smaller = reading(CLINIC.replace("capacity: 4", "capacity: 3"))
    assert "groups[0].capacity: 1 of the places that it would lose are taken" in refused(db, smaller)
    db.execute(update(Claim).values(active=False))
    db.commit()
    assert take(db, smaller).retired == ["class-4"]


def test_a_study_that_a_plan_may_rest_on_stays(db):
    take(db, *everything())
    take(db, reading(PATIENTS.replace("done_on: today-100, reviewed: true", "done_on: today-10")))
    assert sorted(str(day) for day in db.scalars(select(Study.done_on))) == ["2026-08-15", "2026-11-13"]


def test_a_dry_run_keeps_nothing(db):
    assert take(db, *everything(), dry_run=True).counts["patients"] == 2
    assert db.scalars(select(Clinic)).one_or_none() is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda: [reading(CLINIC), reading(PATHWAY.replace("[class-place]", "[class-plaice]"), "a.yaml")],
            "a.yaml:12: steps[1].therapy.phases[0].needs[0].all[0]: there is no capability 'class-plaice';"
            " did you mean 'class-place'?",
        ),
        (
            lambda: [reading(CLINIC), reading(PATHWAY.replace("[class-place]", "[nurse, exam]"), "a.yaml")],
            "a.yaml:12: steps[1].therapy.phases[0].needs[0]: nobody and nothing in the clinic has nurse and exam",
        ),
        (
            lambda: [reading(CLINIC.replace("{all: [nurse], as: who}", "{all: [nurse], count: 2}"))],
            "therapies[0].phases[0].needs[0]: needs 2 with nurse; no location has more than 1",
        ),
        (
            lambda: [reading(CLINIC), reading(PATHWAY.replace("therapy: visit", "therapy: vist"), "a.yaml")],
            "steps[0].therapy: there is no therapy 'vist'; did you mean 'visit'?",
        ),
        (
            lambda: [reading(CLINIC), reading(PATIENTS.replace("locations: [north]", "locations: [south]"))],
            "patients[0].locations[0]: there is no location 'south'",
        ),
        (
            lambda: [reading(CLINIC), reading(PATIENTS.replace("key: p-2", "key: dr-vale"))],
            "the key 'dr-vale' is in another of these files too",
        ),
        (lambda: [reading(CLINIC), reading(CLINIC)], "the kind 'clinic' is in another of these files too"),
        (lambda: [reading(PATHWAY, "a.yaml")], "a.yaml: there is no clinic yet"),
        (
            lambda: [reading(CLINIC.replace("discipline: medicine", f"discipline: {'m' * 51}"))],
            "visit: discipline is longer than 50 characters",
        ),
    ],
)
def test_files_that_do_not_fit_are_refused_with_the_place(db, change, said):
    assert said in refused(db, *change())


def test_a_key_stays_what_it_was(db):
    take(db, *everything())
    assert "patients[1].key: 'dr-vale' is already the key of a practitioner" in refused(
        db, reading(PATIENTS.replace("key: p-2", "key: dr-vale"))
    )


def test_a_pathway_cannot_change_the_clinic_s_therapy(db):
    take(db, *everything())
    own = "\ntherapies: [{key: visit, name: X, patient_name: X, phases: [{name: X, minutes: 5}]}]\n"
    assert "'visit' is already a therapy of the clinic file" in refused(db, reading(PATHWAY + own))


def test_practitioners_work_where_their_hours_are(db):
    take(db, *everything())
    vale = resource(db, "dr-vale")
    assert isinstance(vale, Practitioner)
    assert (vale.location_id, vale.title, vale.email) == (None, "MD", "vale@example.org")
    assert [(row.only, str(row.valid_until)) for row in vale.hours] == [
        ([], "None"),
        (["pain-physician"], "2027-02-21"),
    ]
