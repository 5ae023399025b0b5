"""Programs elsewhere that show our photos, and what each of them shows of whom."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the tables. Nobody is told anything before a target is added."""
    _make_targets()
    _make_copies()
    _make_deliveries()


def _make_targets() -> None:
    op.create_table(
        "targets",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("team_id", sa.String(length=32), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("secret_from", sa.String(length=1000), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rotated_at", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("pause_reason", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name="fk_targets_team_id"),
        sa.PrimaryKeyConstraint("id", name="pk_targets"),
        sa.UniqueConstraint("name", name="uq_targets_name"),
    )


def _make_copies() -> None:
    op.create_table(
        "copies",
        sa.Column("target_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("shown", sa.String(length=12), nullable=True),
        sa.Column("marker", sa.String(length=2000), nullable=True),
        sa.Column("remote_id", sa.String(length=2000), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.Column("behind_since", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_copies_target_id"),
        sa.PrimaryKeyConstraint("target_id", "user_id", name="pk_copies"),
    )
    op.create_index("ix_copies_user_id", "copies", ["user_id"])
    of_due = ["target_id", "due_at", "behind_since"]
    op.create_index("ix_copies_target_id_due_at", "copies", of_due)


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=True,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["targets.id"], name="fk_deliveries_target_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_at", "deliveries", ["at"])
    op.create_index("ix_deliveries_target_id_id", "deliveries", ["target_id", "id"])


def downgrade() -> None:
    """Forget the targets; what they show stays there."""
    for table in ("deliveries", "copies", "targets"):
        op.drop_table(table)
