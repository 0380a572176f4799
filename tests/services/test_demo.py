"""The demo: a clinic in use, never double-booked, with room left everywhere."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from coordinator import database, times
from coordinator.errors import Refusal
from coordinator.models import (
    Account,
    Appointment,
    Block,
    Capability,
    Claim,
    Clinic,
    Location,
    Notice,
    PlanState,
    Practitioner,
    Reply,
    Resource,
    Role,
    TreatmentPlan,
)
from coordinator.scheduling.problem import Resource as Free
from coordinator.services import cancelling, desk, finding, free_time, signing_in
from coordinator.services.demo import (
    courses,
    filling,
    is_empty,
    is_unfinished,
    make_demo,
    people,
    units,
)
from coordinator.services.hours import Horizon
from coordinator.services.importing import import_files
from coordinator.services.stretches import common, joined
from coordinator.services.trail import COMMAND
from tests.services.a_clinic import everything

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    """A database with the demo in it, made once: it is only read."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    database.upgrade(url)
    engine = database.make_engine(url)
    yield database.make_sessions(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def made(sessions):
    with sessions() as session:
        return make_demo(session, examples=EXAMPLES, on=ON, now=NOW, base_url="http://127.0.0.1:1")


@pytest.fixture
def demo(sessions, made):
    with sessions() as session:
        session.info["now"] = NOW
        yield session


def the_horizon(session):
    zone = times.zone(session.scalars(select(Location.timezone)).first())
    return Horizon(start=times.day_start(ON, zone), minutes=filling.HORIZON_DAYS * 24 * 60)


def presence(session):
    """When each resource would be there if nothing was booked: by resource and by name."""
    claims = {claim.id for claim in session.scalars(select(Claim))}
    assert claims
    locations = session.scalars(select(Location).options(selectinload(Location.closures))).all()
    able = set(session.scalars(select(Capability.key)))
    session.execute(update(Claim).values(active=False))
    found = free_time.resources(session, locations, able, the_horizon(session), own=free_time.Own())
    session.rollback()
    hours = defaultdict(list)
    for each in found:
        hours[free_time.resource_key(each.key)] += each.free
    return {key: joined(free) for key, free in hours.items()}


def test_the_facts_are_what_is_there(demo, made):
    roles = [account.role for account in made.accounts]
    assert (roles[0], roles.count("administrator"), roles.count("coordinator")) == ("administrator", 1, 2)
    assert len(made.accounts) == len(demo.scalars(select(Account)).all())
    assert (len(made.patients), len(made.pathways), len(made.locations)) == (40, 12, 2)
    assert made.as_json()["accounts"][1]["email"] == "coordinator@example.org"


def test_each_role_can_sign_in_and_a_physician_first_among_practitioners(demo, made):
    for role in Role:
        one = next(account for account in made.accounts if account.role == role)
        assert signing_in.sign_in(demo, one.email, one.password, now=NOW) is not None
    first = next(account for account in made.accounts if account.role == "practitioner")
    row = demo.scalars(select(Account).where(Account.email == first.email)).one()
    assert row.practitioner_id == demo.scalars(select(Clinic.standing_approver_id)).one()


def test_each_block_takes_somebody_and_all_of_it_at_one_location(demo):
    teams = defaultdict(set)
    for claim in demo.scalars(select(Claim).where(Claim.block_id.is_not(None))):
        teams[claim.block_id].add(claim.resource_id)
    staff = set(demo.scalars(select(Practitioner.id)))
    places = dict(iter(demo.execute(select(Resource.id, Resource.location_id))))
    for block in demo.scalars(select(Block)):
        assert teams[block.id] & staff
        assert {places[each] for each in teams[block.id]} <= {None, block.location_id}


def test_nothing_is_booked_outside_of_hours(demo):
    hours, horizon = presence(demo), the_horizon(demo)
    keys = dict(iter(demo.execute(select(Resource.id, Resource.key))))
    for claim in demo.scalars(select(Claim).where(Claim.block_id.is_not(None))):
        span = (horizon.minute(claim.starts_at), horizon.minute(claim.ends_at))
        assert common([span], hours[keys[claim.resource_id]]) == [span]


def test_the_near_weeks_are_fuller_than_the_far_ones_and_none_is_full(demo):
    hours, horizon = presence(demo), the_horizon(demo)
    staff = dict(iter(demo.execute(select(Practitioner.id, Practitioner.key))))
    claims = [claim for claim in demo.scalars(select(Claim)) if claim.resource_id in staff]

    def share(first, last):
        window = [(first * 1440, last * 1440)]
        there = sum(
            end - begin for key in staff.values() for begin, end in common(hours.get(key, []), window)
        )
        taken = [(horizon.minute(claim.starts_at), horizon.minute(claim.ends_at)) for claim in claims]
        return sum(end - begin for span in taken for begin, end in common([span], window)) / there

    assert all(0.55 < share(7 * week, 7 * week + 7) < 0.65 for week in range(3))
    assert 0.27 < share(168, 182) < 0.38


def test_blocks_say_in_plain_words_what_they_are(demo):
    titles = set(demo.scalars(select(Block.title)))
    assert {"Consultation", "Physiotherapy", "Interpreting", "Preparation and notes"} <= titles
    assert "Psychology" in titles
    assert not any("pain" in title.lower() for title in titles)


def test_whole_plans_are_booked_and_answered(demo):
    plans = demo.scalars(select(TreatmentPlan)).all()
    states = [plan.state for plan in plans]
    assert states.count(PlanState.BOOKED) == len(courses.BOOKED)
    assert (states.count(PlanState.DRAFT), states.count(PlanState.APPROVED)) == (1, 1)
    visits = demo.scalars(select(Appointment).where(Appointment.patient_starts_at.is_not(None))).all()
    replies = [visit.reply for visit in visits]
    assert (replies.count(Reply.NO), replies.count(Reply.MOVE)) == (1, 1)
    assert replies.count(Reply.YES) > replies.count(Reply.OPEN) > 5
    soon = [visit for visit in visits if visit.starts_at < NOW + timedelta(days=4)]
    assert len({visit.starts_at.date() for visit in soon}) > 2


def test_the_desk_has_something_of_all_but_failures(demo):
    piles = desk.desk(demo)
    assert [pile.total for pile in (piles.answers, piles.to_approve, piles.to_book)] == [2, 1, 1]
    assert piles.by_hand.total
    assert not piles.undelivered.total


def test_what_its_patients_are_told_is_due_like_all_mail(demo):
    assert demo.scalars(select(Notice).where(Notice.due_at <= NOW)).all()


def test_the_first_patients_have_no_plan_yet(demo, made):
    taken = set(demo.scalars(select(TreatmentPlan.patient_id)))
    assert not taken & set(made.patients[:5])


@pytest.mark.parametrize("location", ["riverside", "hillcrest"])
def test_gaps_remain_for_more(demo, made, location):
    """A plan of several days in one bay with one nurse, which any block would break."""
    course = courses.Course("kendrick-tull", "ketamine-crps", location, 0)
    plan = courses.approved(demo, course, ON, NOW)
    search = finding.find(demo, plan.id, seconds=10, alternatives=0, by=COMMAND, now=NOW)
    assert finding.itinerary(demo, search.proposals[0])[0].starts_at < NOW + timedelta(days=30)
    cancelling.cancel_plan(demo, plan.id, delay_seconds=0, by=COMMAND, now=NOW)


def test_it_is_known_for_a_demo_until_a_clinic_s_own_file_comes(db):
    make_demo(db, examples=EXAMPLES, on=ON, now=NOW, base_url="")
    assert db.scalars(select(Clinic)).one().is_demo
    import_files(db, everything(), by=COMMAND, now=NOW)
    assert not db.scalars(select(Clinic)).one().is_demo


def test_a_demo_that_was_not_made_to_its_end_is_known(db, monkeypatch):
    monkeypatch.setattr(courses, "make", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_demo(db, examples=EXAMPLES, on=ON, now=NOW, base_url="")
    db.rollback()
    assert is_unfinished(db)
    assert not db.scalars(select(Clinic)).one().is_demo


def test_the_demo_can_be_made_and_is_whole_on_every_database(db):
    made = make_demo(db, examples=EXAMPLES, on=ON, now=NOW, base_url="", known_passwords=False)
    assert not is_empty(db)
    assert not {account.password for account in made.accounts} & set(people.KNOWN.values())
    blocks = set(db.scalars(select(Block.id)))
    assert blocks == set(db.scalars(select(Claim.block_id).where(Claim.block_id.is_not(None))))
    assert not is_unfinished(db)


def test_a_demo_needs_an_empty_database(db):
    import_files(db, everything(), by=COMMAND, now=NOW)
    assert not is_empty(db)
    with pytest.raises(Refusal, match="empty database"):
        make_demo(db, examples=EXAMPLES, on=ON, now=NOW, base_url="")


def test_the_demo_without_its_files(db, tmp_path):
    with pytest.raises(Refusal, match="example files are not there"):
        make_demo(db, examples=tmp_path, on=ON, now=NOW, base_url="")


def test_passwords_for_others_to_reach_are_nobody_s_guess():
    assert people.passwords(known=True) == people.KNOWN
    assert not set(people.passwords(known=False).values()) & set(people.KNOWN.values())


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 900)), max_size=6), st.integers(1, 8))
def test_starts_are_those_from_which_all_units_are_free(gaps, count):
    free, at = [], 0
    for gap, length in gaps:
        free.append((at + gap, at + gap + length))
        at += gap + length + 1
    for day, bits in units.by_day(free).items():
        for start in range(units.DAY_UNITS - count + 1):
            first = (day * units.DAY_UNITS + start) * units.UNIT_MINUTES
            cells = [
                (first + n * units.UNIT_MINUTES, first + (n + 1) * units.UNIT_MINUTES) for n in range(count)
            ]
            expected = all(any(a <= begin and end <= b for a, b in free) for begin, end in cells)
            assert bool(units.starts(bits, count) >> start & 1) == expected


def a_clinic(random):
    """A person with two names, another one, and a room, each free at some hours of some days."""

    def free():
        starts = sorted(random.sample(range(0, 40 * 24), 30))
        spans = [(hour * 60, hour * 60 + random.choice((45, 120, 240))) for hour in starts]
        return tuple(joined(spans))

    def one(key, *able, same=None):
        return Free(key=key, location="n", capabilities=frozenset(able), free=free(), same_as=same)

    return [one("a@n", "x", same="a"), one("a@n:y", "y", same="a"), one("b@n", "x", "y"), one("room", "room")]


@pytest.mark.parametrize("seed", range(20))
def test_no_thing_is_taken_twice_and_none_when_it_is_not_free(seed):
    resources = a_clinic(Random(seed))
    work = [
        filling.Work("Work", "w", 30, (frozenset({"x"}), frozenset({"room"}))),
        filling.Work("Work", "w", 60, (frozenset({"y"}), frozenset({"x"}))),
    ]
    found = list(filling.fill(resources, {"a@n", "a@n:y", "b@n"}, work, seed))
    again = list(filling.fill(resources, {"a@n", "a@n:y", "b@n"}, work, seed))
    assert found == again
    known = {each.key: each for each in resources}
    taken = defaultdict(list)
    for booking in found:
        span = (booking.starts, booking.ends)
        assert len({known[name].thing for name in booking.takes}) == len(booking.takes)
        for name in booking.takes:
            assert common([span], known[name].free) == [span]
            assert not common([span], taken[known[name].thing])
            taken[known[name].thing].append(span)
    assert found


def test_days_thin_out():
    shares = [filling.share(day) for day in (0, 20, 60, 181, 400)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == shares[1] == filling.NEAR
    assert shares[-1] == filling.FAR


def test_blocks_begin_on_the_grid(demo):
    assert {each.starts_at.minute % 15 for each in demo.scalars(select(Block))} == {0}
    assert all(each.ends_at - each.starts_at <= timedelta(hours=4) for each in demo.scalars(select(Block)))
