"""Leaders and rooms are kept free for their groups."""

from hypothesis import given
from hypothesis import strategies as st

from coordinator.files.clinics import Group, Practitioner, Room
from coordinator.files.values import WEEKDAYS, DayPart, WeekHours
from coordinator.services.importing import group_hours

CLASS = Group.model_validate(
    {
        "key": "class",
        "name": "Class",
        "location": "north",
        "capability": "class-place",
        "capacity": 4,
        "hours": {"mon": ["10:00-11:00"], "thu": ["08:00-09:00"]},
        "led_by": ["brook"],
        "room": "hall-2",
    }
)


def a_room(**fields):
    room = {"key": "hall", "name": "Hall", "location": "north", "capabilities": ["hall"], "count": 2}
    return Room.model_validate(room | fields)


def plain(hours):
    return [(each.location, each.days.model_dump(), list(each.only)) for each in hours]


def test_a_leader_has_the_group_s_time_for_the_group_alone():
    brook = Practitioner.model_validate(
        {
            "key": "brook",
            "name": "Ben Brook",
            "capabilities": ["nurse"],
            "hours": [
                {"location": "north", "days": {"mon": ["08:00-12:00"], "tue": ["08:00-12:00"]}},
                {"location": "north", "days": {"thu": ["08:00-09:00"]}, "only": ["nurse"]},
            ],
        }
    )
    assert plain(group_hours.of_practitioner(brook, [CLASS])) == [
        ("north", {"mon": ["08:00-10:00", "11:00-12:00"], "tue": ["08:00-12:00"]}, []),
        ("north", {"mon": ["10:00-11:00"], "thu": ["08:00-09:00"]}, ["class-place"]),
    ]


def test_a_room_without_hours_keeps_the_location_s_around_the_group():
    opening = WeekHours.model_validate({"mon": ["08:00-18:00"]})
    assert plain(group_hours.of_room("hall-2", a_room(), opening, [CLASS])) == [
        ("north", {"mon": ["08:00-10:00", "11:00-18:00"]}, []),
        ("north", {"mon": ["10:00-11:00"], "thu": ["08:00-09:00"]}, ["class-place"]),
    ]


def test_a_room_without_a_group_is_simply_open():
    assert plain(group_hours.of_room("hall-1", a_room(), WeekHours(), [CLASS])) == []


def test_a_room_s_own_hours_are_kept():
    own = {"fri": ["08:00-24:00"]}
    found = plain(group_hours.of_room("hall-1", a_room(hours=own), WeekHours(), [CLASS]))
    assert found == [("north", own, [])]


parts = st.lists(
    st.tuples(st.integers(0, 24), st.integers(0, 24))
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: DayPart(min(pair) * 60, max(pair) * 60)),
    max_size=4,
)


def minutes(some):
    return {minute for part in some for minute in range(*part)}


@given(parts, parts)
def test_what_is_left_is_exactly_what_was_not_taken(hours, taken):
    assert minutes(group_hours.cut_parts(hours, taken)) == minutes(hours) - minutes(taken)


@given(parts)
def test_a_week_is_cut_day_by_day(taken):
    whole = WeekHours(**dict.fromkeys(WEEKDAYS, (DayPart(0, 1440),)))
    gone = WeekHours(wed=group_hours.cut_parts(taken, ()))
    left = group_hours.cut(whole, [gone])
    assert minutes(left.wed) == set(range(1440)) - minutes(taken)
    assert left.tue == whole.tue
