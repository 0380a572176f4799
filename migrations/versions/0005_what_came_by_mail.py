"""Mails that came, and when and what else an answer says."""

import sqlalchemy as sa
from alembic import op

from coordinator.database import UtcDateTime

revision = "0005"
down_revision = "0004"

OUTCOMES = ("taken", "stale", "parked", "bounced", "ignored")
TO_READ = sa.text("outcome = 'parked' AND settled_at IS NULL")


def upgrade() -> None:
    outcome = sa.Enum(*OUTCOMES, native_enum=False, length=20, name="outcome", create_constraint=True)
    op.create_table(
        "incoming_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(250), nullable=False),
        sa.Column("came_at", UtcDateTime(), nullable=False),
        sa.Column("sender", sa.String(254), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("outcome", outcome, nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_incoming_mail_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_incoming_mail_patient_id_patient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_incoming_mail_message_id")),
    )
    for column in ("appointment_id", "patient_id"):
        op.create_index(op.f(f"ix_incoming_mail_{column}"), "incoming_mail", [column], unique=False)
    op.create_index(
        "ix_incoming_mail_parked",
        "incoming_mail",
        ["came_at"],
        unique=False,
        sqlite_where=TO_READ,
        postgresql_where=TO_READ,
    )
    for column in ("said_at", "proposed_starts_at", "proposed_ends_at"):
        op.add_column("answer", sa.Column(column, UtcDateTime(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("there is no way back: restore a backup from before")
