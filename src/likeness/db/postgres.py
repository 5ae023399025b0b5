"""PostgreSQL, by psycopg: one pool, and time-outs on everything that could hang."""

from functools import cache
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event

CONNECT_TIMEOUT_S: Final = 2
"""The least that libpq takes. A server that is up answers in milliseconds."""

STATEMENT_TIMEOUT_MS: Final = 5_000
"""Each of our statements takes about a millisecond; the longest, in a sweep, far below a second."""

LOCK_TIMEOUT_MS: Final = 4_000
"""A transaction that waits so long for a row waits for one that is stuck."""

IDLE_TIMEOUT_MS: Final = 10_000
"""A transaction of ours does nothing but statements. One that idles lost its process."""

DEAD_PEER_MS: Final = 5_000
"""How long sent bytes may stay unacknowledged before the connection is given up."""

POOL_TIMEOUT_S: Final = 5.0

_ABSENT: Final = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
"""Seconds, seconds and times: 5 + 3 * 2 = 11 s until a peer that went silent is given up."""


_CANNOT_WRITE: Final = frozenset({"25006", "53100"})
"""Of PostgreSQL's codes: a read-only transaction, as on a standby, and a full disk."""

SCHEMES: Final = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


def is_ours(url: URL) -> bool:
    """Whether a URL names a database on a server: `postgresql://USER:PASSWORD@HOST/NAME`."""
    return url.drivername in SCHEMES


def pool(url: URL, connections_max: int) -> Engine:
    """At most so many connections, each looked at before it is used: servers are restarted."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=connections_max,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args=connect_arguments(url),
    )
    event.listen(engine, "connect", _prepare)
    return engine


def connect_arguments(url: URL) -> dict[str, Any]:
    """Options of every connection; those in the query of the URL win."""
    limits = {
        "statement_timeout": STATEMENT_TIMEOUT_MS,
        "lock_timeout": LOCK_TIMEOUT_MS,
        "idle_in_transaction_session_timeout": IDLE_TIMEOUT_MS,
    }
    ours = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "tcp_user_timeout": DEAD_PEER_MS,
        "application_name": "likeness",
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
        **_ABSENT,
    }
    return {name: value for name, value in ours.items() if name not in url.query}


def cannot_write(error: Exception) -> bool:
    """Whether a server refused a change because it takes none, or its disk is full."""
    return getattr(error, "sqlstate", None) in _CANNOT_WRITE


def shown(url: URL) -> str:
    """Where a database is, without a password or options."""
    return URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database
    ).render_as_string()


def may_come_up(url: URL) -> bool:
    """Whether a server that could not be used is not reachable yet, or still starting.

    One that takes connections has refused ours: by a name or a password that waiting does not mend.
    The server's messages are in the language of its installation, so that they are not parsed.
    """
    from psycopg import pq  # noqa: PLC0415 - see _dumpers
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - see _dumpers

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    address = make_conninfo(plain, connect_timeout=CONNECT_TIMEOUT_S)
    return pq.PGconn.ping(address.encode()) != pq.Ping.OK


def _prepare(connection: Any, _: Any) -> None:
    for dumper in _dumpers():
        connection.adapters.register_dumper(str, dumper)


@cache
def _dumpers() -> tuple[type, ...]:
    """Let texts with NUL be asked for: PostgreSQL has none of them, so that nothing is found."""
    # Importing psycopg takes 20 ms, which a start with SQLite saves.
    from psycopg.types.string import StrDumper, StrDumperUnknown  # noqa: PLC0415 - see above

    def clean(kind: type[Any]) -> type[Any]:
        def dump(self: Any, obj: str) -> Any:
            return kind.dump(self, obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))

        return type(f"Clean{kind.__name__}", (kind,), {"dump": dump})

    return clean(StrDumper), clean(StrDumperUnknown)
