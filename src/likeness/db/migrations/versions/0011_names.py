"""People are found by their names as well, one by one."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_users_name", "users", ["name"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_users_name", "users")
