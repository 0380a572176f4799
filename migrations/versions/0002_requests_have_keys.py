"""Every request that books or changes has its key beside its audit line; a search knows when its minutes begin."""

import gzip
import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from coordinator.database import UtcDateTime

revision = "0002"
down_revision = "0001"

ZERO = {"sqlite": "0", "postgresql": "1970-01-01 00:00:00+00"}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.add_column("audit_line", sa.Column("request_key", sa.String(length=100), nullable=True))
    op.create_index("ix_audit_line_request_key", "audit_line", ["request_key"], unique=True)
    op.add_column(
        "search", sa.Column("begins_at", UtcDateTime(), nullable=False, server_default=ZERO[dialect])
    )
    if dialect == "postgresql":
        op.alter_column("search", "begins_at", server_default=None)
    _fill()
    with op.batch_alter_table("treatment_plan") as plans:
        plans.drop_constraint("uq_treatment_plan_booking_key", type_="unique")
        plans.drop_column("booking_key")


def _fill() -> None:
    """Take the beginnings out of the problems, and hand the keys of plans to the lines that tell of their booking."""
    connection = op.get_bind()
    search = sa.table("search", sa.column("id"), sa.column("problem"), sa.column("begins_at", UtcDateTime()))
    for number, problem in connection.execute(sa.select(search.c.id, search.c.problem)).all():
        begins = datetime.fromisoformat(json.loads(gzip.decompress(problem))["start"])
        connection.execute(sa.update(search).where(search.c.id == number).values(begins_at=begins))
    connection.execute(
        sa.text(
            "UPDATE audit_line SET request_key = (SELECT booking_key FROM treatment_plan WHERE id = subject_id)"
            " WHERE id IN (SELECT max(id) FROM audit_line WHERE deed = 'book' AND subject = 'plan'"
            " GROUP BY subject_id)"
        )
    )


def downgrade() -> None:
    """Keys would be lost, and with them the promise that a retry books nothing twice."""
    raise NotImplementedError
