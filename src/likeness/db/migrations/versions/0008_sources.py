"""Who chose each photo, who did what to whom, and by which ids other systems know our people."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ADDED = (
    ("photos", "set_by", 100),
    ("photos", "batch_id", 32),
    ("users", "photo_source", 16),
    ("users", "lock_reason", 300),
    ("users", "admin_source", 16),
    ("tokens", "issuer", 300),
    ("tokens", "sid", 300),
)
"""Table, column and length of new texts, of which nothing is known for the rows of before."""


def upgrade() -> None:
    """Add the columns and tables. Every photo that is there counts as its person's own choice."""
    source = sa.Column("source", sa.String(length=16), nullable=False, server_default="self")
    op.add_column("photos", source)
    for table, name, length in _ADDED:
        op.add_column(table, sa.Column(name, sa.String(length=length), nullable=True))
    # Also where a photo was taken away: no photo is a choice too.
    chose = "UPDATE users SET photo_source = 'self' WHERE id IN (SELECT user_id FROM photos)"
    op.execute(chose)
    op.execute("UPDATE users SET admin_source = 'administrator' WHERE is_admin")
    op.create_index("ix_tokens_issuer_sid", "tokens", ["issuer", "sid"])
    op.create_index("ix_users_deleted_at", "users", ["deleted_at"])
    _make_identities()
    _make_batches()
    _make_events()


def _make_identities() -> None:
    op.create_table(
        "identities",
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=320), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("user_name", sa.String(length=320), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("stamp", sa.String(length=100), nullable=True),
        sa.Column("photo_ref", sa.String(length=2000), nullable=True),
        sa.Column("photo_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_identities_team_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_identities_user_id"),
        sa.PrimaryKeyConstraint("team_id", "source", "external_id", name="pk_identities"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])
    name = "ix_identities_team_id_source_user_name"
    op.create_index(name, "identities", ["team_id", "source", "user_name"])


def _make_batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("policy", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("counts", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_batches_team_id"),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=True,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("photo_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=True),
        sa.Column("batch_id", sa.String(length=32), nullable=True),
        sa.Column("origin", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_user_id_id", "events", ["user_id", "id"])
    op.create_index("ix_events_batch_id", "events", ["batch_id"])
    op.create_index("ix_events_at", "events", ["at"])


def downgrade() -> None:
    """Forget it all; people, photos and tokens stay."""
    for table in ("events", "batches", "identities"):
        op.drop_table(table)
    op.drop_index("ix_tokens_issuer_sid", "tokens")
    op.drop_index("ix_users_deleted_at", "users")
    for table, name, _ in (("photos", "source", 16), *_ADDED):
        # Not as a batch, which would make the table anew: other tables may refer to its rows.
        op.drop_column(table, name)
