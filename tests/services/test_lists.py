"""What set-up pages show, on both databases."""

import pytest
from sqlalchemy.orm import Session

from coordinator.errors import NotFound
from coordinator.models import ResourceKind
from coordinator.services import choices, lists

from . import a_pain_clinic


def test_everything_of_a_clinic_is_listed(db: Session):
    a_pain_clinic.set_up(db)
    assert [location.name for location in lists.locations(db)] == ["North", "South"]
    names = [person.name for person in lists.staff(db)]
    assert names == sorted(names)
    assert "Ana Vale" in names
    kinds = [resource.kind for resource in lists.rooms_and_devices(db)]
    assert kinds == sorted(kinds, key=[ResourceKind.ROOM, ResourceKind.DEVICE].index)
    assert lists.capability_names(db)["nurse"]["en"] == "Nurse"
    (row,) = lists.pathways(db)
    found, document = lists.pathway(db, row.id)
    assert (found, document.key) == (row, "injection")
    with pytest.raises(NotFound):
        lists.pathway(db, 987654)


def test_an_empty_database_has_nothing_to_list(db: Session):
    assert lists.clinic(db) is None
    assert lists.trail(db).lines == []
    assert list(lists.locations(db)) == []


def test_the_trail_comes_newest_first_and_in_pages(db: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lists, "LINES", 2)
    a_pain_clinic.set_up(db)
    for key in ("rosa", "tom", "uma"):
        a_pain_clinic.a_draft(db, key)
    first, last = lists.trail(db), lists.trail(db, 99)
    assert [line.deed for line in first.lines] == ["draft", "draft"]
    assert (first.last, last.number, last.lines[-1].deed) == (2, 2, "import")
    assert first.lines[0].id > first.lines[1].id > last.lines[0].id


def test_a_form_offers_what_the_clinic_and_its_pathways_know(db: Session):
    a_pain_clinic.set_up(db)
    uma = a_pain_clinic.patient(db, "uma")
    uma.conditions = ["an-old-one"]
    offered = choices.for_patient(db, uma, now=a_pain_clinic.NOW)
    assert [location.key for location in offered.locations] == ["north", "south"]
    assert list(offered.interpreters) == ["es"]
    assert "an-old-one" in offered.conditions
    assert offered.today.isoformat() == "2026-11-23"
    assert offered.country == "US"
