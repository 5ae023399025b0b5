"""What people are found and sorted by, made of the names and addresses that are there."""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

# The rules themselves and no copy of them: should they ever change, another revision has to make
# these columns anew, whatever this one made of them.
from likeness.db.searching import search_text, sort_name

revision = "0010"
down_revision = "0009"

_NAMES = sa.text("SELECT id, real_name, name FROM users")
_ADDRESSES = sa.text("SELECT user_id, email FROM addresses")
_NOTE = sa.text("UPDATE users SET sort_name = :by_name, search = :by_words WHERE id = :user_id")
_INDEX = "ix_users_team_id_sort_name_id"


def upgrade() -> None:
    """Add the columns, fill them, and then the index."""
    connection = op.get_bind()
    collation = "C" if connection.dialect.name == "postgresql" else None
    for name, kind in (
        ("sort_name", sa.String(length=100, collation=collation)),
        ("search", sa.Text(collation=collation)),
    ):
        op.add_column("users", sa.Column(name, kind, nullable=False, server_default=""))
    emails = defaultdict[str, list[str]](list)
    for row in connection.execute(_ADDRESSES):
        emails[row.user_id].append(row.email)
    values = [
        {
            "user_id": row.id,
            "by_name": sort_name(row.real_name),
            "by_words": search_text(row.real_name, row.name, emails[row.id]),
        }
        for row in connection.execute(_NAMES)
    ]
    if values:
        connection.execute(_NOTE, values)
    op.create_index(_INDEX, "users", ["team_id", "sort_name", "id"])


def downgrade() -> None:
    """Forget them; they are made of what stays."""
    op.drop_index(_INDEX, "users")
    for name in ("sort_name", "search"):
        op.drop_column("users", name)
