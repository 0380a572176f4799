"""Whether the parts of a clinic file fit together."""

import pytest

from tests.files.builders import CLINIC, problems


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        (
            "capabilities: [nurse]",
            "capabilities: [nurze]",
            "practitioners[0].capabilities[0]",
            "did you mean 'nurse'",
        ),
        (
            "capabilities: [exam-room]",
            "capabilities: [bar]",
            "rooms[0].capabilities[0]",
            "no capability 'bar'",
        ),
        (
            "{all: [nurse]}",
            "{all: [surgeon]}",
            "therapies[0].phases[0].needs[0].all[0]",
            "no capability 'surgeon'",
        ),
        ("capability: place", "capability: plaze", "groups[0].capability", "did you mean 'place'"),
        (
            "{location: north,",
            "{location: nroth,",
            "practitioners[0].hours[0].location",
            "did you mean 'north'",
        ),
        ("location: north, capa", "location: east, capa", "rooms[0].location", "no location 'east'"),
        ("led_by: [ann]", "led_by: [bob]", "groups[0].led_by[0]", "no practitioner 'bob'"),
        ("room: exam-1", "room: exam", "groups[0].room", "no room at north 'exam'"),
        ("- key: south", "- key: north", "locations[1].key", "'north' is there twice"),
        ("{key: exam-room,", "{key: nurse,", "capabilities[1].key", "'nurse' is there twice"),
        ("key: exam, name", "key: school, name", "groups[0].key", "also in rooms"),
        (
            "phone: +1 202 555 0101",
            "phone: +1 202 555 0101\n    holidays: {country: ZZ}",
            "locations[0].holidays",
            "ZZ",
        ),
        (
            '{tue: ["08:00-12:00"]}',
            '{mon: ["11:00-12:00"]}',
            "practitioners[0].hours[1].days",
            "north on mon",
        ),
        (
            "{location: south, days",
            "{location: south, only: [exam-room], days",
            "practitioners[0].hours[1].only[0]",
            "none of this practitioner's",
        ),
        (
            "absences:",
            "exceptions: [{date: +1d, location: west}]\n    absences:",
            "practitioners[0].exceptions[0].location",
            "no location 'west'",
        ),
        (
            "patient_name: Visit",
            "patient_name: Visit\n    basis: {duration: S1}",
            "therapies[0].basis.duration",
            "S1",
        ),
        (
            "patient_name: Visit",
            "patient_name: Visit\n    background: [{role: boss, at_most: 4}]",
            "therapies[0].background[0].role",
            "no capability 'boss'",
        ),
        (
            "patient_name: Visit",
            "patient_name: Visit\n    group: {capacity: 4, led_by: [nurse], room: hall}",
            "therapies[0].group.room",
            "no capability 'hall'",
        ),
    ],
)
def test_what_does_not_fit_is_named(old: str, new: str, field: str, words: str) -> None:
    assert old in CLINIC
    found = [one for one in problems(CLINIC.replace(old, new, 1)) if words in one.text]
    assert [one.field for one in found] == [field]


def test_a_group_is_led_only_by_those_who_work_there() -> None:
    moved = CLINIC.replace("location: north\n    capability", "location: south\n    capability")
    texts = [one.text for one in problems(moved.replace("{location: south, days", "{location: north, days"))]
    assert "'ann' does not work at south" in texts


def test_hours_of_different_seasons_may_overlap() -> None:
    from tests.files.test_reading import clinic

    both = CLINIC.replace("{location: north, days", "{location: north, until: 2026-12-31, days").replace(
        '{location: south, days: {tue: ["08:00-12:00"]}}',
        '{location: south, from: 2027-01-01, days: {mon: ["08:00-12:00"]}}',
    )
    assert len(clinic(both).practitioners[0].hours) == 2
