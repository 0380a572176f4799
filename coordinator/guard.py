"""The guard against double bookings, as it has to stand in the database: read back, and held against this."""

from collections.abc import Mapping

from sqlalchemy import Connection, text

from coordinator.errors import GuardMissing

TRIGGER = """
CREATE TRIGGER claim_no_overlap_{when} BEFORE {what} ON claim WHEN NEW.active = 1
BEGIN
    SELECT RAISE(ABORT, 'claim_no_overlap') WHERE (
        SELECT ends_at FROM claim
        WHERE resource_id = NEW.resource_id AND active = 1 AND starts_at < NEW.ends_at AND id IS NOT NEW.id
        ORDER BY starts_at DESC LIMIT 1
    ) > NEW.starts_at;
END
"""
SQLITE = {
    "claim_no_overlap_insert": TRIGGER.format(when="insert", what="INSERT"),
    "claim_no_overlap_update": TRIGGER.format(when="update", what="UPDATE"),
    "ck_claim_active": "CHECK (active IN (0, 1))",
    "ck_claim_order": "CHECK (ends_at > starts_at)",
}
POSTGRESQL = {
    "claim_no_overlap": "EXCLUDE USING gist (resource_id WITH =, tstzrange(starts_at, ends_at) WITH &&)"
    " WHERE (active) DEFERRABLE",
    "ck_claim_finite": "CHECK ((isfinite(starts_at) AND isfinite(ends_at)))",
    "ck_claim_order": "CHECK ((ends_at > starts_at))",
}
"""An empty or endless stretch would slip past the constraint, hence the checks; as pg_get_constraintdef says it."""


def check(connection: Connection) -> None:
    """Refuse to go on where the database would not refuse overlapping claims. Raises GuardMissing.

    Definitions are compared, not names: a migration in batch mode drops SQLite's triggers without a word, and
    what stands there under the same name need not do the same.
    """
    postgresql = connection.dialect.name == "postgresql"
    wanted, found = (POSTGRESQL, _constraints) if postgresql else (SQLITE, _triggers_and_checks)
    there = found(connection)
    if wrong := [_said(name, there) for name, body in wanted.items() if there.get(name) != _plain(body)]:
        raise GuardMissing(f"The database would accept double bookings: {', '.join(wrong)}.")


def _said(name: str, there: Mapping[str, str]) -> str:
    return f"{name} is not as it has to be" if name in there else f"{name} is missing"


def _constraints(connection: Connection) -> dict[str, str]:
    query = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass('claim')"
    )
    return {name: _plain(body) for name, body in connection.execute(text(query))}


def _triggers_and_checks(connection: Connection) -> dict[str, str]:
    """SQLite keeps both as they were written: triggers by name, checks within the table's own text."""
    rows = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'claim' AND sql NOTNULL")
    )
    there = {name: _plain(body) for name, body in rows}
    table = there.pop("claim", "")
    checks = {name: body for name, body in SQLITE.items() if f"CONSTRAINT {name} {body}" in table}
    return there | checks


def _plain(body: str) -> str:
    return " ".join(body.split())
