"""Links that sign somebody in once, and who administers a workspace."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table. Nobody administers anything until somebody is promoted."""
    op.add_column(
        "users", sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "links",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_links_user_id"),
        sa.PrimaryKeyConstraint("digest", name="pk_links"),
    )
    op.create_index("ix_links_expires_at", "links", ["expires_at"])


def downgrade() -> None:
    """Forget the links that nobody has used, and who is an administrator."""
    op.drop_table("links")
    # Not as a batch, which would make the table anew: other tables refer to its rows.
    op.drop_column("users", "is_admin")
