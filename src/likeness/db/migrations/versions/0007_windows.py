"""Which part of its original a photo shows, so that every size of it can be made again."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the part, of which nothing is known for the photos that are there already."""
    op.add_column("photos", sa.Column("window", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Forget it."""
    # Not as a batch, which would make the table anew: other tables may refer to its rows.
    op.drop_column("photos", "window")
