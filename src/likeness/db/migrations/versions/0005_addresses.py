"""Every address in its normal form, found by the hashes of its domain in Unicode and in punycode.

Somebody whose address was kept in punycode, or with an accent apart from its letter, is who they
were, under the form that is looked for from now on.
"""

from hashlib import md5, sha256

import sqlalchemy as sa
from alembic import op

# The rules themselves and no copy of them: should they ever change, another revision has to bring
# all addresses to the new form, whatever this one made of them.
from likeness.email_address import ascii_email, normal_email
from likeness.errors import Mistake
from likeness.log import Log

revision = "0005"
down_revision = "0004"

_KEPT = sa.text("SELECT team_id, email, user_id FROM addresses ORDER BY added_at, user_id")
_OWNER = sa.text("SELECT user_id FROM addresses WHERE team_id = :team_id AND email = :normal")
_MOVE = sa.text("UPDATE addresses SET email = :normal WHERE team_id = :team_id AND email = :email")
_DROP = sa.text("DELETE FROM addresses WHERE team_id = :team_id AND email = :email")
_RENAME = sa.text("UPDATE users SET email = :normal WHERE id = :user_id AND email = :email")
_LEAD = sa.text(
    "INSERT INTO digests (digest, user_id) VALUES (:digest, :user_id) ON CONFLICT DO NOTHING"
)

_log = Log(__name__)


def upgrade() -> None:
    """Bring the addresses to their normal form, but none to the form of another user's."""
    connection = op.get_bind()
    # An address in plain letters has that form already; there are a million of them and no others.
    unusual = [row for row in connection.execute(_KEPT) if _may_differ(row.email)]
    for row in unusual:
        try:
            normal = normal_email(row.email)
        except Mistake:
            _log.warning("address_without_normal_form", user_id=row.user_id)
            continue
        if normal == row.email or _is_moved(connection, row, normal):
            connection.execute(_LEAD, _digests(row.user_id, normal))


def downgrade() -> None:
    """Leave them: the version before finds everybody by the form that is kept."""


def _may_differ(email: str) -> bool:
    return not email.isascii() or "xn--" in email


def _is_moved(connection: sa.Connection, row: sa.Row[tuple[str, str, str]], normal: str) -> bool:
    """Give an address its normal form; False where that is another user's already.

    These are two accounts of one person. Neither gets what the other has: whoever signs in is the
    user with the normal form, and operators reach the other by the address as it is kept.
    """
    key = {"team_id": row.team_id, "email": row.email, "normal": normal}
    owner = connection.execute(_OWNER, key).scalar_one_or_none()
    if owner not in {None, row.user_id}:
        _log.warning("one_address_two_users", user_ids=[owner, row.user_id])
        return False
    connection.execute(_MOVE if owner is None else _DROP, key)
    connection.execute(_RENAME, key | {"user_id": row.user_id})
    return True


def _digests(user_id: str, email: str) -> list[dict[str, object]]:
    texts = {email.encode(), ascii_email(email).encode()}
    both = [(md5(text, usedforsecurity=False).digest(), sha256(text).digest()) for text in texts]
    return [{"digest": digest, "user_id": user_id} for pair in both for digest in pair]
