"""Which photos were made from one upload, so that taking one away takes the others along.

And prepared pictures are found by the key of their file, and by whose they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TABLES = ("photos", "staged")


def upgrade() -> None:
    """Add the digests, of which nothing is known for what is there already, and the indexes."""
    for table in _TABLES:
        op.add_column(table, sa.Column("upload_digest", sa.LargeBinary(length=32), nullable=True))
    op.create_index("ix_staged_key", "staged", ["key"])
    op.create_index("ix_staged_user_id", "staged", ["user_id"])


def downgrade() -> None:
    """Forget what came from where."""
    op.drop_index("ix_staged_user_id", "staged")
    op.drop_index("ix_staged_key", "staged")
    for table in _TABLES:
        # Not as a batch, which would make the table anew: other tables may refer to its rows.
        op.drop_column(table, "upload_digest")
