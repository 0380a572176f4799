"""Calendar addresses of rooms, devices and locations, beside those of practitioners."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("feed") as feed:
        feed.drop_constraint(op.f("fk_feed_practitioner_id_practitioner"), type_="foreignkey")
        feed.drop_index(op.f("ix_feed_practitioner_id"))
        feed.alter_column("practitioner_id", new_column_name="resource_id", nullable=True)
    with op.batch_alter_table("feed") as feed:
        feed.add_column(sa.Column("location_id", sa.Integer(), nullable=True))
        feed.create_foreign_key(op.f("fk_feed_resource_id_resource"), "resource", ["resource_id"], ["id"])
        feed.create_foreign_key(op.f("fk_feed_location_id_location"), "location", ["location_id"], ["id"])
        feed.create_check_constraint(
            op.f("ck_feed_one_subject"), "(resource_id IS NULL) <> (location_id IS NULL)"
        )
    for column in ("resource_id", "location_id"):
        op.create_index(op.f(f"ix_feed_{column}"), "feed", [column], unique=False)


def downgrade() -> None:
    raise NotImplementedError("there is no way back: restore a backup from before")
