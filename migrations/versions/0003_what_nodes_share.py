"""What nodes share: signs of life of workers, and tries that are counted."""

import sqlalchemy as sa
from alembic import op

from coordinator.database import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("worker", sa.String(length=32), nullable=False),
        sa.Column("beat_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "knock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knock")),
    )
    op.create_index("ix_knock_counted", "knock", ["key_hash", "expires_at"], unique=False)
    op.create_index(op.f("ix_knock_expires_at"), "knock", ["expires_at"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("there is no way back: restore a backup from before")
