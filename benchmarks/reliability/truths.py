"""What must be true of a database whatever happened to it: counted by plain SQL, past the program."""

from collections.abc import Mapping

from sqlalchemy import Engine, text

OVERLAPS = """
SELECT count(*) FROM claim a JOIN claim b
    ON a.resource_id = b.resource_id AND a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE {a} AND {b}
"""
HALF_PLANS = """
SELECT count(*) FROM treatment_plan p
WHERE (p.state = 'booked') <> EXISTS (SELECT 1 FROM appointment a WHERE a.plan_id = p.id)
   OR (p.state = 'booked' AND (
       (SELECT count(*) FROM appointment a WHERE a.plan_id = p.id)
           <> (SELECT count(*) FROM plan_step s WHERE s.plan_id = p.id)
       OR (SELECT count(*) FROM claim c JOIN appointment a ON c.appointment_id = a.id WHERE a.plan_id = p.id)
           <> {claims} * (SELECT count(*) FROM plan_step s WHERE s.plan_id = p.id)
       OR NOT EXISTS (SELECT 1 FROM notice n WHERE n.plan_id = p.id)
       OR (SELECT count(*) FROM audit_line l
           WHERE l.deed = 'book' AND l.subject = 'plan' AND l.subject_id = p.id) <> 1))
"""
ROWS = {
    "plans booked": "SELECT count(*) FROM treatment_plan WHERE state = 'booked'",
    "appointments": "SELECT count(*) FROM appointment",
    "claims": "SELECT count(*) FROM claim WHERE appointment_id IS NOT NULL",
    "notices": "SELECT count(*) FROM notice",
    "audit lines of bookings": "SELECT count(*) FROM audit_line WHERE deed = 'book'",
}


def number(engine: Engine, query: str) -> int:
    """The one number that a query gives."""
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def overlaps(engine: Engine) -> int:
    """How many pairs of active claims of one resource overlap."""
    return number(engine, OVERLAPS.format(a="a.active", b="b.active"))


def half_plans(engine: Engine, claims: int = 4) -> int:
    """How many plans are booked in part: steps, ``claims`` of each, notices and the audit line must all be there."""
    return number(engine, HALF_PLANS.format(claims=claims))


def rows(engine: Engine) -> Mapping[str, int]:
    """How much a booking leaves behind."""
    return {name: number(engine, query) for name, query in ROWS.items()}


def integrity(engine: Engine) -> str:
    """What SQLite says of its file; ``ok`` too for a database that has no such check."""
    if engine.dialect.name != "sqlite":
        return "ok"
    with engine.connect() as connection:
        return "; ".join(connection.execute(text("PRAGMA integrity_check")).scalars())
