"""Whatever database it is: which URLs name one, and what callers hear of an outage."""

import pytest
from structlog.testing import capture_logs

from likeness.db import open_database
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
