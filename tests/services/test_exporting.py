"""What is exported imports to the same."""

from pathlib import Path

import pytest

from coordinator import database, files
from coordinator.errors import NotFound
from coordinator.services.exporting import Shelf, export
from coordinator.services.importing import import_files
from coordinator.services.trail import COMMAND
from tests.services.a_clinic import NOW, ON, everything, reading

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def again(shelf: Shelf, folder: Path) -> Shelf:
    """What comes of a shelf that is written, imported into another database, and exported from there."""
    url = f"sqlite:///{folder / 'again.db'}"
    database.upgrade(url)
    engine = database.make_engine(url)
    values = (shelf.patients, *shelf.pathways, shelf.clinic)
    with database.make_sessions(engine)() as session:
        readings = [reading(files.dump(value)) for value in values if value]
        import_files(session, readings, by=COMMAND, now=NOW)
        made = export(session)
    engine.dispose()
    return made


def test_nothing_to_export(db):
    with pytest.raises(NotFound, match="No clinic"):
        export(db)


def test_a_small_clinic(db, tmp_path):
    import_files(db, everything(), by=COMMAND, now=NOW)
    shelf = export(db)
    assert again(shelf, tmp_path) == shelf


def test_what_a_group_takes_is_not_lost_from_the_hours(db):
    given = everything()
    import_files(db, given, by=COMMAND, now=NOW)
    clinic = given[2].value
    made = export(db).clinic
    assert made.practitioners == clinic.practitioners
    assert made.groups == clinic.groups
    assert made.locations == clinic.locations
    assert made.policy == clinic.policy


def test_patients_and_pathways_come_back_as_they_were_given(db):
    given = everything()
    import_files(db, given, by=COMMAND, now=NOW)
    made = export(db)
    assert made.patients == given[0].value
    assert made.pathways == (given[1].value,)


def test_all_the_examples(db, tmp_path):
    paths = [*EXAMPLES.glob("*.yaml"), *EXAMPLES.glob("pathways/*.yaml")]
    given = [files.load(path.read_bytes(), file=path.name, on=ON) for path in paths]
    import_files(db, given, by=COMMAND, now=NOW)
    shelf = export(db)
    assert len(shelf.pathways) == 12
    assert {each.key: each for each in shelf.pathways} == {
        each.value.key: each.value for each in given if each.value.kind == "pathway"
    }
    assert again(shelf, tmp_path) == shelf


def test_what_is_out_of_use_is_not_exported(db):
    given = everything()
    import_files(db, given, by=COMMAND, now=NOW)
    fewer = given[2].value.model_copy(update={"devices": ()})
    import_files(db, [reading(files.dump(fewer))], by=COMMAND, now=NOW)
    assert export(db).clinic.devices == ()
