"""Letters that decline a proposed time."""

from alembic import op

revision = "0007"
down_revision = "0006"

KINDS = ("invite", "update", "cancellation", "declined", "reminder", "preparation")


def upgrade() -> None:
    name = op.f("ck_notice_noticekind")
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(name, type_="check")
        notice.create_check_constraint(name, f"kind IN ({', '.join(map(repr, KINDS))})")


def downgrade() -> None:
    raise NotImplementedError("there is no way back: restore a backup from before")
