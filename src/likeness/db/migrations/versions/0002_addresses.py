"""Several addresses for a person, the digests by which others ask, and who is listed."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ROWS_AT_A_TIME = 1000


def upgrade() -> None:
    """Make the tables and fill them from the addresses that users have."""
    op.add_column(
        "users", sa.Column("is_listed", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    addresses, digests = _addresses(), _digests()
    connection = op.get_bind()
    users = sa.text("SELECT id, team_id, email, created_at FROM users")
    for some in connection.execute(users).partitions(_ROWS_AT_A_TIME):
        connection.execute(sa.insert(addresses), [_address(row) for row in some])
        connection.execute(sa.insert(digests), [each for row in some for each in _of(row)])


def downgrade() -> None:
    """Forget all addresses but the first of each user."""
    op.drop_table("digests")
    op.drop_table("addresses")
    # Not as a batch, which would make the table anew: other tables refer to its rows.
    op.drop_column("users", "is_listed")


def _addresses() -> sa.Table:
    table = op.create_table(
        "addresses",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("entered", sa.String(length=320), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_addresses_team_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_addresses_user_id"),
        sa.PrimaryKeyConstraint("team_id", "email", name="pk_addresses"),
    )
    op.create_index("ix_addresses_user_id", "addresses", ["user_id"])
    return table


def _digests() -> sa.Table:
    return op.create_table(
        "digests",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_digests_user_id"),
        sa.PrimaryKeyConstraint("digest", "user_id", name="pk_digests"),
    )


def _address(row: sa.Row[tuple[str, str, str, int]]) -> dict[str, object]:
    return {
        "team_id": row.team_id,
        "email": row.email,
        "user_id": row.id,
        "entered": row.email,
        "added_at": row.created_at,
    }


def _of(row: sa.Row[tuple[str, str, str, int]]) -> list[dict[str, object]]:
    text = row.email.encode()
    both = (hashlib.md5(text, usedforsecurity=False).digest(), hashlib.sha256(text).digest())
    return [{"digest": digest, "user_id": row.id} for digest in both]
