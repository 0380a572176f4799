"""What was done to plans, and what was before, so that it can be undone for some minutes."""

import sqlalchemy as sa
from alembic import op

from coordinator.database import UtcDateTime

revision = "0004"
down_revision = "0003"

KINDS = ("booking", "move", "cancellation")


def upgrade() -> None:
    kind = sa.Enum(*KINDS, native_enum=False, length=20, name="deedkind", create_constraint=True)
    op.create_table(
        "deed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("other_plan_id", sa.Integer(), nullable=True),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["treatment_plan.id"], name=op.f("fk_deed_plan_id_treatment_plan")
        ),
        sa.ForeignKeyConstraint(
            ["other_plan_id"], ["treatment_plan.id"], name=op.f("fk_deed_other_plan_id_treatment_plan")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_deed_hold_id_hold")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed")),
    )
    for column in ("plan_id", "other_plan_id", "hold_id"):
        op.create_index(op.f(f"ix_deed_{column}"), "deed", [column], unique=False)


def downgrade() -> None:
    raise NotImplementedError("there is no way back: restore a backup from before")
