"""What older versions of the program wrote is still there, and still true, after every migration."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, func, select, text
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.models import AuditLine, Search, TreatmentPlan
from coordinator.services import trail

BEGINS = datetime(2026, 11, 23, 6, tzinfo=UTC)
PLAN = {"state": "booked", "title": "{}", "locations": "[]", "booking_key": "once", "earliest": "2026-11-23"}


class Old:
    """Rows of a database as it was, written without the models of today."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.tables = connection, MetaData()
        self.tables.reflect(connection)

    def add(self, table: str, /, **given: Any) -> None:
        """A row; what it must have and is not given is the least that there is."""
        row = {}
        for column in self.tables.tables[table].columns:
            if column.name in given:
                row[column.name] = given[column.name]
            elif not column.nullable and not column.primary_key:
                row[column.name] = self._least(str(column.type))
        names, marks = ", ".join(row), ", ".join(f":{each}" for each in row)
        self.connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), row)

    def _least(self, kind: str) -> Any:
        if "TIMESTAMP" in kind or "DATE" in kind:
            return BEGINS
        if kind == "BOOLEAN":
            return False
        return (
            "[]"
            if kind == "JSON"
            else 0
            if "INT" in kind
            else 0.5
            if kind in {"FLOAT", "DOUBLE PRECISION"}
            else "x"
        )


@pytest.fixture
def old(empty_database_url: str) -> str:
    """A plan that was booked with a key, its search and its audit line, before keys stood beside audit lines."""
    database.upgrade(empty_database_url, "0001")
    engine = database.make_engine(empty_database_url)
    problem = gzip.compress(json.dumps({"start": "2026-11-23T07:00:00+01:00"}).encode())
    with engine.begin() as connection:
        made = Old(connection)
        made.add("resource", id=1, key="rosa", kind="patient", name="Rosa Vega", active=True)
        made.add("patient", id=1, language="en")
        made.add("treatment_plan", id=7, patient_id=1, **PLAN)
        made.add("plan_step", id=1, plan_id=7, key="talk", title="{}")
        made.add("search", id=1, plan_id=7, problem=problem, status="optimal")
        for number, deed in enumerate(("search", "book"), start=1):
            made.add(
                "audit_line", id=number, deed=deed, subject="plan", subject_id=7, actor="command", facts="{}"
            )
    engine.dispose()
    return empty_database_url


def test_keys_and_searches_come_along(old: str) -> None:
    database.upgrade(old)
    engine: Engine = database.make_engine(old)
    with Session(engine) as session:
        keys = dict(session.execute(select(AuditLine.deed, AuditLine.request_key)).all())
        assert keys == {"search": None, "book": "once"}
        assert trail.answered_before(session, "once", "book", "plan", 7)
        assert session.scalars(select(Search.begins_at)).one() == BEGINS
        assert session.scalars(select(TreatmentPlan.id)).all() == [7]
        assert session.scalar(select(func.count()).select_from(text("plan_step"))) == 1
    engine.dispose()
