"""The demo clinic: it holds together, and each of its locations has what all twelve pathways need."""

import phonenumbers
import pytest

from coordinator import files
from coordinator.files.clinics import Clinic, Group
from coordinator.files.pathway_references import unknown_to_clinic
from coordinator.files.pathways import PathwayFile
from coordinator.files.patients import PatientsFile
from coordinator.files.references import locations_unknown_to_clinic
from coordinator.files.therapies import Therapy
from coordinator.files.values import DayPart, WeekHours
from tests.files.builders import EXAMPLES, ON, PATHWAYS


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    value = files.read(EXAMPLES / "clinic.yaml", on=ON)
    assert isinstance(value, Clinic)
    return value


@pytest.fixture(scope="module")
def patients() -> PatientsFile:
    value = files.read(EXAMPLES / "patients.yaml", on=ON)
    assert isinstance(value, PatientsFile)
    return value


@pytest.fixture(scope="module")
def pathways() -> list[PathwayFile]:
    read = [files.read(path, on=ON) for path in PATHWAYS]
    return [one for one in read if isinstance(one, PathwayFile)]


def at(clinic: Clinic, location: str) -> list[set[str]]:
    """The capabilities of each resource at a location."""
    people = [
        set(hours.only or one.capabilities)
        for one in clinic.practitioners
        for hours in one.hours
        if hours.location == location
    ]
    rooms = [set(room.capabilities) for room in (*clinic.rooms, *clinic.devices) if room.location == location]
    return [*people, *rooms, *({group.capability} for group in clinic.groups if group.location == location)]


def test_the_clinic_knows_all_that_the_pathways_ask_for(clinic: Clinic, pathways: list[PathwayFile]) -> None:
    therapies = {therapy.key for therapy in clinic.therapies}
    capabilities = {capability.key for capability in clinic.capabilities}
    for pathway in pathways:
        assert not list(unknown_to_clinic(pathway, therapies=therapies, capabilities=capabilities))


def test_no_two_therapies_share_a_key(clinic: Clinic, pathways: list[PathwayFile]) -> None:
    keys = [one.key for one in (*clinic.therapies, *(own for one in pathways for own in one.own_therapies()))]
    assert len(set(keys)) == len(keys)


def test_each_location_has_what_every_pathway_needs(clinic: Clinic, pathways: list[PathwayFile]) -> None:
    for location in clinic.locations:
        resources = at(clinic, location.key)
        for pathway in pathways:
            for therapy in used(pathway, clinic):
                for need in (need for phase in therapy.phases for need in phase.needs):
                    assert any(set(need.capabilities) <= resource for resource in resources), (location, need)


def used(pathway: PathwayFile, clinic: Clinic) -> list[Therapy]:
    wanted = {pathway.therapy_key(step) for step in pathway.steps}
    return [one for one in (*clinic.therapies, *pathway.own_therapies()) if one.key in wanted]


def within(part: DayPart, hours: WeekHours, weekday: int) -> bool:
    return any(one.starts <= part.starts and part.ends <= one.ends for one in hours.on(weekday))


def test_a_group_is_held_while_its_leaders_work_and_the_house_is_open(clinic: Clinic) -> None:
    people = {one.key: one for one in clinic.practitioners}
    opening = {one.key: one.opening for one in clinic.locations}
    for group in clinic.groups:
        for weekday in range(7):
            for part in group.hours.on(weekday):
                assert within(part, opening[group.location], weekday), group.key
                for key in group.led_by:
                    theirs = [one.days for one in people[key].hours if one.location == group.location]
                    assert any(within(part, days, weekday) for days in theirs), (group.key, key)


def test_nobody_and_no_room_is_in_two_groups_at_once(clinic: Clinic) -> None:
    def clash(one: Group, other: Group) -> bool:
        shared = set(one.led_by) & set(other.led_by) or one.room == other.room
        return bool(shared) and any(
            a.starts < b.ends and b.starts < a.ends
            for day in range(7)
            for a in one.hours.on(day)
            for b in other.hours.on(day)
        )

    for number, one in enumerate(clinic.groups):
        assert not [other.key for other in clinic.groups[number + 1 :] if clash(one, other)]


def test_a_group_lasts_as_long_as_its_therapy_and_has_its_places(
    clinic: Clinic, pathways: list[PathwayFile]
) -> None:
    therapies = [therapy for pathway in pathways for therapy in pathway.own_therapies() if therapy.group]
    assert len(therapies) == 6
    places = {therapy.phases[0].needs[0].capabilities[0]: therapy for therapy in therapies}
    for group in clinic.groups:
        therapy = places[group.capability]
        lengths = {part.ends - part.starts for day in range(7) for part in group.hours.on(day)}
        assert lengths == {therapy.phases[0].minutes}
        assert group.capacity == therapy.group_capacity


def test_the_patients_are_forty_and_differ(clinic: Clinic, patients: PatientsFile) -> None:
    everyone = patients.patients
    assert len(everyone) == 40
    assert not list(locations_unknown_to_clinic(patients, locations={one.key for one in clinic.locations}))
    for differs in (
        [one for one in everyone if not one.email],
        [one for one in everyone if one.carer and one.carer.instead],
        [one for one in everyone if one.needs.interpreter],
        [one for one in everyone if one.needs.step_free],
        [one for one in everyone if one.needs.transport],
        [one for one in everyone if "warfarin" in one.conditions],
        [one for one in everyone if one.studies],
        [one for one in everyone if one.can_come],
        [one for one in everyone if one.language == "es"],
        [one for one in everyone if one.disclosure],
    ):
        assert len(differs) >= 2
    languages = {f"interpreter-{one.needs.interpreter}" for one in everyone if one.needs.interpreter}
    assert languages <= {
        capability.key for capability in clinic.capabilities if capability.kind == "language"
    }


def test_no_example_could_reach_a_real_person(clinic: Clinic, patients: PatientsFile) -> None:
    carers = [one.carer for one in patients.patients if one.carer]
    people = [clinic, *clinic.practitioners, *patients.patients, *carers]
    for mail in (one.email for one in people if one.email):
        assert mail.endswith("example.org")
    for phone in (one.phone for one in (*people, *clinic.locations) if one.phone):
        number = phonenumbers.parse(phone)
        assert phonenumbers.is_possible_number(number)
        assert str(number.national_number)[3:8] == "55501"
