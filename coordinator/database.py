"""The database: engine, the one type for instants, writing transactions, migrating."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, wraps
from pathlib import Path
from time import sleep
from typing import Any, Concatenate, ParamSpec, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.engine import URL, Connection, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator, TypeEngine

from coordinator import guard
from coordinator.errors import NewerDatabase
from coordinator.turnstile import Turnstile

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
WRITING, TURN = "coordinator_writing", "coordinator_turn"
BROKEN_OFF = {"40P01", "40001", "55P03"}
"""What PostgreSQL calls a transaction that it ended so that another could go on: deadlock, serialization, a lock that
was not to be had in time."""
EXCLUDED = "23P01"
UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout)
"""What is raised without a database, room on its disk or a connection to spare; ``is_passing`` tells it from a bug."""
LOCK_WAIT_MILLISECONDS = 5_000
"""How long a writing transaction waits for a lock before it is begun anew."""
REQUEST_KEY = "request_key"
"""Two requests of one key at the same moment: the second finds the first, once it looks again."""
POSTGRESQL = {
    "connect_timeout": 2,
    "target_session_attrs": "read-write",  # of several hosts, the one that is the primary now
    "prepare_threshold": None,  # PgBouncer in transaction mode gives each transaction another session
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}
"""How PostgreSQL is connected to, where the URL does not say otherwise: a host that fell silent is given up in time."""
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 10, "pool_pre_ping": True}
"""A connection a thread and one to spare; one that broke while nobody used it is replaced before it is handed out."""
TRIES = 5
FIRST_WAIT_SECONDS = 0.05

Given = ParamSpec("Given")
Done = TypeVar("Done")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, to the second: refuses naive values on the way in, gives UTC on the way out.

    PostgreSQL keeps ``timestamptz``; SQLite, which would drop the zone, keeps seconds since 1970.
    """

    impl = SqlDateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = BigInteger() if dialect.name == "sqlite" else SqlDateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs its zone: {value!r}")
        instant = value.astimezone(UTC).replace(microsecond=0)
        return int(instant.timestamp()) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromtimestamp(value, UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The root of all rows; constraints get names, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


def make_engine(url: str | URL) -> Engine:
    """An engine for SQLite or PostgreSQL with the settings that the promises need (WAL, FULL, foreign keys).

    What an error says tells no values: it may end in a log.
    """
    parsed = url if isinstance(url, URL) else _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed, connect_args={"timeout": 20, "check_same_thread": False}, hide_parameters=True
        )
        event.listen(engine, "connect", _set_up_sqlite)
        if parsed.database and parsed.database != ":memory:":
            _take_turns(engine, Turnstile(Path(f"{parsed.database}-turn")))
        event.listen(engine, "begin", _begin_sqlite)  # after the turn: listeners are called as they came
        event.listen(engine, "handle_error", _drop_read_only)
        return engine
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    chosen = {name: value for name, value in POSTGRESQL.items() if name not in parsed.query}
    return create_engine(parsed, connect_args=chosen, hide_parameters=True, **POOL)


def _parsed(url: str) -> URL:
    """The address of a database; several hosts with ports, as libpq writes them, become what SQLAlchemy reads."""
    before, at, after = url.rpartition("@")
    hosts, slash, rest = after.partition("/")
    if not at or "," not in hosts:
        return make_url(url)
    return make_url(before + at + slash + rest).update_query_pairs(
        ("host", host) for host in hosts.split(",")
    )


def _set_up_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000"):
        raw.execute(f"PRAGMA {pragma}")


def _drop_read_only(failed: ExceptionContext) -> None:
    """A file that could not be written when it was opened stays so for that connection: the next one opens it anew."""
    reason = getattr(failed.original_exception, "sqlite_errorname", "")
    failed.is_disconnect = failed.is_disconnect or reason.startswith("SQLITE_READONLY")


def _take_turns(engine: Engine, turnstile: Turnstile) -> None:
    """Have every writing transaction wait for its turn before it begins, and let the next one in when it is over."""

    def enter(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITING, False) and not connection.info.get(TURN):
            connection.info[TURN] = turnstile.enter()

    def leave(_raw: Any, record: Any, *_: object) -> None:
        if record.info.pop(TURN, False):
            turnstile.leave()

    event.listen(engine, "begin", enter)
    for over in ("checkin", "invalidate"):
        event.listen(engine, over, leave)


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """What doors open a database session with."""
    return sessionmaker(engine, expire_on_commit=False)


def begin_writing(session: Session, *, keep: bool = False) -> None:
    """Let go of what was read and open the transaction that the service will commit.

    With ``keep`` the rows stay as they were read; whether they still are so is for the service to see.

    SQLite takes the write lock at once: a reader that turns writer late would fail where it could have waited.
    """
    reading = session.get_transaction()
    if keep and reading is not None:
        reading.close()  # unlike a rollback it leaves the rows as they are
    else:
        session.rollback()
    connection = session.connection(execution_options={WRITING: True})
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_WAIT_MILLISECONDS}")


def retrying(
    service: Callable[Concatenate[Session, Given], Done],
) -> Callable[Concatenate[Session, Given], Done]:
    """Have a service start anew where the database broke its transaction off; nothing of it was written.

    The service begins its transaction itself. Where the connection was lost nobody knows whether the last commit came
    to be, so only a request with a ``key`` goes on: it is looked up before anything is done twice. After ``TRIES``
    times the error goes on to the door.
    """

    @wraps(service)
    def begun_anew(session: Session, /, *args: Given.args, **named: Given.kwargs) -> Done:
        for tried in range(1, TRIES):
            try:
                return service(session, *args, **named)
            except DBAPIError as error:
                lost = error.connection_invalidated and named.get("key")
                if not lost and _state(error) not in BROKEN_OFF and REQUEST_KEY not in str(error.orig):
                    raise
                session.rollback()
                sleep(random.uniform(0, FIRST_WAIT_SECONDS * 2**tried))
        return service(session, *args, **named)

    return begun_anew


def is_refused_by(constraint: str, error: DBAPIError) -> bool:
    """Whether it was this exclusion constraint, or SQLite's trigger of that name, that refused what was written."""
    if (state := _state(error)) is not None:
        return state == EXCLUDED and error.orig.diag.constraint_name == constraint  # type: ignore[union-attr]
    return constraint in str(error.orig)


def is_passing(error: Exception) -> bool:
    """Whether it was the state of the database or its disk that went wrong, which passes, and not what was asked."""
    return getattr(getattr(error, "orig", None), "sqlite_errorname", None) != "SQLITE_ERROR"


def said_by(error: Exception) -> str:
    """What the database itself said, in one line; nothing of the statement or its values."""
    return str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0]


def _state(error: DBAPIError) -> str | None:
    """What PostgreSQL calls what went wrong."""
    return getattr(error.orig, "sqlstate", None)


def clock(session: Session) -> datetime:
    """The database's own time, by which leases, due times and expiry go; a test may set it in ``session.info``."""
    if (still := session.info.get("now")) is not None:
        return still  # type: ignore[no-any-return]
    if session.get_bind().dialect.name == "sqlite":
        return datetime.fromtimestamp(session.execute(text("SELECT unixepoch()")).scalar_one(), UTC)
    instant: datetime = session.execute(text("SELECT date_trunc('second', clock_timestamp())")).scalar_one()
    return instant.astimezone(UTC)


def upgrade(url: str | URL, revision: str = "head") -> None:
    """Bring the database at ``url`` to a revision of ``migrations/``, all at once or not at all.

    Of several that start at once, one works and the others wait for it (``migrations/env.py``). Raises GuardMissing
    where a migration took the guard away (nothing of it stays), NewerDatabase where there is no way back.
    """
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.attributes["url"] = url
    parsed = url if isinstance(url, URL) else _parsed(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        _for_its_owner_only(Path(parsed.database))
    command.upgrade(settings, revision)


def _for_its_owner_only(path: Path) -> None:
    """Keep everybody else's eyes off a file that is still empty; of one in use its owner decides."""
    path.touch()
    if path.stat().st_size == 0:
        path.chmod(0o600)


def behind(connection: Connection) -> bool:
    """Whether the database is not at the newest migration yet.

    Raises NewerDatabase where it is at one that this version of the program has never heard of.
    """
    current, known = MigrationContext.configure(connection).get_current_revision(), _revisions(MIGRATIONS)
    if current not in {None, *known}:
        raise NewerDatabase(
            f"The database is at migration {current}, made by a newer version of the program: run that one. "
            f"This version knows migrations up to {known[0]}."
        )
    return current != known[0]


@cache
def _revisions(folder: Path) -> list[str]:
    """All migrations that are there, the newest first."""
    return [each.revision for each in ScriptDirectory(str(folder)).walk_revisions()]


def check_guard(engine: Engine) -> None:
    """Refuse to go on where the database would not refuse overlapping claims. Raises GuardMissing."""
    with engine.connect() as connection:
        guard.check(connection)
