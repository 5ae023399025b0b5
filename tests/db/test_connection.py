"""Whatever database it is: which URLs name one, and what callers hear of an outage."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from likeness.db import file_of, open_database
from likeness.errors import ServiceUnavailable
from support.live import free_port


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.db",
        "sqlite:",
        "sqlite://host/a.db",
        "sqlite:///:memory:",
        "sqlite://",
        "sqlite:///",
        "mysql://localhost/likeness",
        "postgresql+asyncpg://localhost/likeness",
        "file:///srv/likeness.db",
        "sqlite:////srv/likeness.db?timeout=0",
    ],
)
def test_a_wrong_url_is_no_database(url: str) -> None:
    """The message shows what to write."""
    with pytest.raises(ValueError, match="is no database; write sqlite:////ABSOLUTE/PATH"):
        open_database(url)


def test_a_password_is_never_shown() -> None:
    """Not even that of a database of another kind, which may be a slip of the pen."""
    with pytest.raises(ValueError, match="mysql") as caught:
        open_database("mysql://ada:open-sesame@localhost/likeness")

    assert "open-sesame" not in str(caught.value)


def test_a_server_that_is_away_is_an_outage() -> None:
    """Callers hear no address of a machine of ours; the log has it."""
    port = free_port()
    database = open_database(f"postgresql://ada:open-sesame@127.0.0.1:{port}/likeness")

    with (
        capture_logs() as lines,
        pytest.raises(ServiceUnavailable, match=r"cannot be used now.*try again") as caught,
    ):
        database.teams()

    assert str(port) not in str(caught.value)
    assert f"postgresql://ada@127.0.0.1:{port}/likeness cannot be used" in caught.value.reason
    assert "open-sesame" not in caught.value.reason
    assert str(port) in str(lines)
    assert "open-sesame" not in str(lines)


@pytest.mark.parametrize(
    ("url", "is_embedded"),
    [("sqlite:////srv/likeness.db", True), ("postgresql://localhost/likeness", False)],
)
def test_only_a_file_is_looked_at_without_a_thread(url: str, is_embedded: bool) -> None:
    """A server may take its time, and the event loop may not."""
    database = open_database(url)

    assert is_embedded == database.is_embedded
    if not is_embedded:
        with pytest.raises(ServiceUnavailable):
            database.listed(b"", at_once=True)


def test_a_server_that_stays_away_is_logged_once_a_minute() -> None:
    """However often it is asked."""
    database = open_database(f"postgresql://127.0.0.1:{free_port()}/likeness")

    with capture_logs() as lines:
        for _ in range(5):
            with pytest.raises(ServiceUnavailable):
                database.teams()

    assert ["database_away"] == [line["event"] for line in lines]
    assert database.may_come_up()


def test_only_an_embedded_database_has_a_file() -> None:
    """A relative one is where this process is."""
    assert Path("/srv/a b.db") == file_of("sqlite:////srv/a b.db")
    assert Path.cwd() / "a.db" == file_of("sqlite:///a.db")
    assert file_of("postgresql://localhost/likeness") is None
    assert not open_database("sqlite:////srv/likeness.db").may_come_up()
