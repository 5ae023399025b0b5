"""Several machines: what they must agree on, and what no two of them may do at once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_CURRENT = sa.text("state = 'current'")


def upgrade() -> None:
    """Make the table of facts, let nobody have two photos, find digests by user.

    And journal limits no more.
    """
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )
    op.create_index(
        "uq_photos_current",
        "photos",
        ["user_id"],
        unique=True,
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    )
    # Whoever changes their photo tells who shares their digests.
    op.create_index("ix_digests_user_id", "digests", ["user_id"])
    _journal_limits("UNLOGGED")


def downgrade() -> None:
    """Forget what was agreed on."""
    _journal_limits("LOGGED")
    op.drop_index("ix_digests_user_id", "digests")
    op.drop_index("uq_photos_current", "photos")
    op.drop_table("facts")


def _journal_limits(how: str) -> None:
    """On PostgreSQL: after a crash everybody starts afresh, which is what limits promise."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE limits SET {how}")
