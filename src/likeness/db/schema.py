"""The tables, once, for SQLite and PostgreSQL alike."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.engine import Dialect

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """A moment as whole microseconds since 1970 in UTC; always aware in Python."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature.
    ) -> int | None:
        """An aware moment to its number."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(
        self,
        value: int | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature.
    ) -> datetime | None:
        """The number to an aware moment."""
        return None if value is None else _EPOCH + value * _MICROSECOND


SORT_NAME_LENGTH_MAX: Final = 100
"""Characters by which people are sorted: who has the same ones is sorted by id."""


def _plain(text_type: String) -> String:
    """A text that is compared by its code points, also by a server that knows languages."""
    collated = type(text_type)(length=text_type.length, collation="C")
    return text_type.with_variant(collated, "postgresql")


teams: Final = Table(
    "teams",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("domain", String(200), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("deleted_at", Instant),
)

users: Final = Table(
    "users",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("team_id", String(32), ForeignKey("teams.id"), nullable=False),
    Column("email", String(320), nullable=False, index=True),
    Column("name", String(200), nullable=False, index=True),
    Column("real_name", String(200), nullable=False),
    Column("is_bot", Boolean, nullable=False),
    Column("bot_id", String(32)),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant, index=True),
    Column("is_listed", Boolean, nullable=False, server_default=true()),
    Column("is_admin", Boolean, nullable=False, server_default=false()),
    # No foreign key: photos refer to users, and a circle would make copying them awkward.
    Column("photo_id", BigInteger),
    # Who decided last which photo is shown, or that none is; NULL where nobody ever did.
    Column("photo_source", String(16)),
    Column("lock_reason", String(300)),
    Column("admin_source", String(16)),
    # Made of names and addresses by `db/searching.py`. In the order of code points everywhere, so
    # that every database has one order.
    Column("sort_name", _plain(String(SORT_NAME_LENGTH_MAX)), nullable=False, server_default=""),
    Column("search", _plain(Text()), nullable=False, server_default=""),
    UniqueConstraint("team_id", "email"),
    Index("ix_users_team_id_sort_name_id", "team_id", "sort_name", "id"),
)

FOR_SEARCHING: Final = frozenset({"sort_name", "search"})
"""Columns of `users` that are made of others, and are no part of the noun."""

addresses: Final = Table(
    "addresses",
    metadata,
    Column("team_id", String(32), ForeignKey("teams.id"), primary_key=True),
    Column("email", String(320), primary_key=True),
    Column("user_id", String(32), ForeignKey("users.id"), nullable=False, index=True),
    Column("entered", String(320), nullable=False),
    Column("added_at", Instant, nullable=False),
)

# Digests of addresses for look-ups. The same one in two teams leads to two users.
digests: Final = Table(
    "digests",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("user_id", String(32), ForeignKey("users.id"), primary_key=True, index=True),
)

tokens: Final = Table(
    "tokens",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("user_id", String(32), ForeignKey("users.id"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("scopes", String(1000), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    # The session at an identity provider that a session of ours came from.
    Column("issuer", String(300)),
    Column("sid", String(300)),
    Index("ix_tokens_issuer_sid", "issuer", "sid"),
)

# Ways to sign in once. Of the code only its keyed digest is kept, as of a token.
links: Final = Table(
    "links",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("user_id", String(32), ForeignKey("users.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),
)

photos: Final = Table(
    "photos",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", String(32), ForeignKey("users.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("secret", String(20), nullable=False),
    Column("format", String(8), nullable=False),
    Column("sizes", String(100), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("frames", Integer, nullable=False),
    Column("source_digest", LargeBinary(32), nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("ended_at", Instant),
    Column("purged_at", Instant),
    Column("upload_digest", LargeBinary(32)),
    Column("window", String(40)),
    Column("source", String(16), nullable=False, server_default="self"),
    Column("set_by", String(100)),
    Column("batch_id", String(32)),
    Index("ix_photos_user_id_set_at", "user_id", "set_at"),
    Index("ix_photos_state_ended_at", "state", "ended_at"),
    # At most one for each user, even where two machines write at once.
    Index(
        "uq_photos_current",
        "user_id",
        unique=True,
        sqlite_where=text("state = 'current'"),
        postgresql_where=text("state = 'current'"),
    ),
)

staged: Final = Table(
    "staged",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", String(32), ForeignKey("users.id"), nullable=False, index=True),
    Column("key", String(100), nullable=False, index=True),
    Column("format", String(8), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("upload_digest", LargeBinary(32)),
)

# Values shared by all processes of one installation.
facts: Final = Table(
    "facts",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", String(1000), nullable=False),
)

limits: Final = Table(
    "limits",
    metadata,
    Column("key", String(200), primary_key=True),
    # The theoretical arrival time of GCRA, in seconds since 1970.
    Column("arrival_s", Float(53), nullable=False),
)

# Our people as other systems know them: providers that sign them in, directories, files.
identities: Final = Table(
    "identities",
    metadata,
    Column("team_id", String(32), ForeignKey("teams.id"), primary_key=True),
    Column("source", String(320), primary_key=True),
    Column("external_id", String(255), primary_key=True),
    Column("user_id", String(32), ForeignKey("users.id"), nullable=False, index=True),
    Column("user_name", String(320)),
    Column("document", Text),
    Column("stamp", String(100)),
    Column("photo_ref", String(2000)),
    Column("photo_digest", LargeBinary(32)),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("ix_identities_team_id_source_user_name", "team_id", "source", "user_name"),
)

batches: Final = Table(
    "batches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("team_id", String(32), ForeignKey("teams.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("policy", String(16), nullable=False),
    Column("actor", String(100), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("undone_at", Instant),
    Column("counts", String(1000), nullable=False),
)

# Who did what to whom. Rows are only added; they outlive their people, so nothing is referred to.
events: Final = Table(
    "events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("actor", String(100), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("verb", String(32), nullable=False),
    Column("photo_id", BigInteger),
    Column("source", String(16)),
    Column("batch_id", String(32), index=True),
    Column("origin", String(64)),
    Column("detail", String(1000)),
    Index("ix_events_user_id_id", "user_id", "id"),
)

# Programs elsewhere that show our photos. No column has a credential.
targets: Final = Table(
    "targets",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("url", String(2000), nullable=False),
    Column("team_id", String(32), ForeignKey("teams.id")),
    Column("options", Text, nullable=False),
    Column("secret_from", String(1000)),
    Column("generation", Integer, nullable=False),
    Column("rotated_at", Instant),
    Column("failing_since", Instant),
    Column("paused_at", Instant),
    Column("pause_reason", String(300)),
    Column("created_at", Instant, nullable=False),
)

# What each target shows of each person. It does not refer to users, since a copy may have to be
# taken away elsewhere when its person is gone here.
copies: Final = Table(
    "copies",
    metadata,
    Column("target_id", String(32), ForeignKey("targets.id"), primary_key=True),
    Column("user_id", String(32), primary_key=True, index=True),
    Column("version", BigInteger, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("reason", String(16)),
    Column("shown", String(12)),
    Column("marker", String(2000)),
    Column("remote_id", String(2000)),
    Column("last_error", String(300)),
    Column("behind_since", Instant, nullable=False),
    Column("sent_at", Instant),
    Index("ix_copies_target_id_due_at", "target_id", "due_at", "behind_since"),
)

# The log of attempts to bring copies there.
deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("target_id", String(32), ForeignKey("targets.id"), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("result", String(16), nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("detail", String(1000), nullable=False),
    Index("ix_deliveries_target_id_id", "target_id", "id"),
)

# Files that administrators uploaded for an import; they end with the day.
uploads: Final = Table(
    "uploads",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("team_id", String(32), ForeignKey("teams.id"), nullable=False, index=True),
    Column("user_id", String(32), ForeignKey("users.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("wishes", String(1000), nullable=False),
    Column("key", String(64), nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("beat_at", Instant, nullable=False),
    Column("stage", String(32), nullable=False),
    Column("rows_done", Integer, nullable=False),
    Column("rows_total", Integer, nullable=False),
    Column("counts", String(1000), nullable=False),
    Column("note", String(1000), nullable=False),
    Column("report", String(200)),
)
