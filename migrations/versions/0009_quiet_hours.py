"""When a clinic reminds nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    usual = sa.Column("quiet_hours", sa.String(11), nullable=False, server_default="21:00-08:00")
    op.add_column("clinic", usual)


def downgrade() -> None:
    raise NotImplementedError("there is no way back: restore a backup from before")
