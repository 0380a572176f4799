"""PgBouncer in transaction mode gives each transaction another session: nothing may be left in one."""

from typing import Any

from sqlalchemy import event

LEFT = """
SELECT 'statement ' || statement FROM pg_prepared_statements
UNION ALL SELECT 'setting ' || name FROM pg_settings WHERE source = 'session'
UNION ALL SELECT 'lock ' || objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
UNION ALL SELECT 'cursor ' || name FROM pg_cursors
UNION ALL SELECT 'channel ' || name FROM pg_listening_channels() AS channel (name)
UNION ALL SELECT 'table ' || relname FROM pg_class WHERE relpersistence = 't' AND pg_table_is_visible(oid)
"""


def watch(target: Any) -> list[str]:
    """Whenever a connection of an engine (or of all, for ``Pool``) comes back, wipe its session.

    Gives the list to which what was left in it is added.
    """
    found: list[str] = []

    @event.listens_for(target, "checkin")
    def wipe(raw: Any, _record: Any) -> None:
        if raw is None or not type(raw).__module__.startswith("psycopg"):
            return
        raw.rollback()
        before, raw.autocommit = raw.autocommit, True
        try:
            found.extend(line for (line,) in raw.execute(LEFT, prepare=False))
            raw.execute("DISCARD ALL", prepare=False)
        finally:
            raw.autocommit = before

    return found
