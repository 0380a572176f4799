"""A database whose guard is not as it has to be is refused, whatever made it so."""

import pytest
from sqlalchemy import Connection, Engine, text

from coordinator import database
from coordinator.errors import GuardMissing

LOOSER = {
    "postgresql": {
        "claim_no_overlap": "EXCLUDE USING gist (resource_id WITH =, id WITH =,"
        " tstzrange(starts_at, ends_at) WITH &&) WHERE (active)",
        "ck_claim_finite": "CHECK (isfinite(starts_at))",
        "ck_claim_order": "CHECK (ends_at >= starts_at)",
    },
    "sqlite": {
        f"claim_no_overlap_{when}": f"CREATE TRIGGER claim_no_overlap_{when} BEFORE {when} ON claim BEGIN SELECT 1; END"
        for when in ("insert", "update")
    },
}


def take_away(connection: Connection, name: str) -> None:
    postgresql = connection.dialect.name == "postgresql"
    connection.execute(
        text(f"ALTER TABLE claim DROP CONSTRAINT {name}" if postgresql else f"DROP TRIGGER {name}")
    )


def test_a_database_as_it_was_made_has_its_guard(engine: Engine) -> None:
    database.check_guard(engine)


@pytest.mark.parametrize("number", range(3))
def test_a_part_of_the_guard_that_is_gone_is_named(engine: Engine, number: int) -> None:
    names = list(LOOSER[engine.dialect.name])
    name = names[number % len(names)]
    with engine.begin() as connection:
        take_away(connection, name)
    with pytest.raises(GuardMissing, match=f"{name} is missing"):
        database.check_guard(engine)


@pytest.mark.parametrize("number", range(3))
def test_a_part_that_only_has_the_name_of_it_is_no_guard(engine: Engine, number: int) -> None:
    bodies = list(LOOSER[engine.dialect.name].items())
    name, body = bodies[number % len(bodies)]
    with engine.begin() as connection:
        take_away(connection, name)
        made = (
            f"ALTER TABLE claim ADD CONSTRAINT {name} {body}" if engine.dialect.name == "postgresql" else body
        )
        connection.execute(text(made))
    with pytest.raises(GuardMissing, match=f"{name} is not as it has to be"):
        database.check_guard(engine)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_constraint_that_looks_only_at_the_end_is_no_guard(engine: Engine) -> None:
    """Overlaps would be found at the commit only, where nobody looks for them."""
    with engine.begin() as connection:
        take_away(connection, "claim_no_overlap")
        body = "EXCLUDE USING gist (resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (active)"
        connection.execute(
            text(f"ALTER TABLE claim ADD CONSTRAINT claim_no_overlap {body} DEFERRABLE INITIALLY DEFERRED")
        )
    with pytest.raises(GuardMissing, match="claim_no_overlap is not as it has to be"):
        database.check_guard(engine)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_table_without_its_checks_is_no_guard(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("PRAGMA writable_schema = ON"))
        connection.execute(
            text(
                "UPDATE sqlite_master SET sql = replace(sql, 'ends_at > starts_at', 'ends_at >= starts_at')"
                " WHERE name = 'claim'"
            )
        )
    with pytest.raises(GuardMissing, match="ck_claim_order"):
        database.check_guard(engine)
