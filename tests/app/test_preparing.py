"""What has to be so before anything is served."""

from pathlib import Path

import pytest

from likeness.app import preparing
from likeness.app.preparing import prepare, prepare_alone
from likeness.config import load
from likeness.db import open_database
from likeness.errors import Mistake, ServiceUnavailable
from support.live import free_port


def test_an_empty_folder_becomes_an_installation(tmp_path: Path) -> None:
    """With a key of its own; a second time changes nothing."""
    config = load({"LIKENESS_DATA": str(tmp_path / "new")})

    prepare_alone(config)
    key = (tmp_path / "new" / "secret.key").read_bytes()
    prepare_alone(config)

    assert key == (tmp_path / "new" / "secret.key").read_bytes()
    database = open_database(config.database_url)
    assert database.revision()
    with pytest.raises(Mistake):
        prepare(database, b"l" * 32)


def test_another_key_is_taken_where_that_is_wanted(tmp_path: Path) -> None:
    """It is the right one from then on."""
    first, second = (
        load({"LIKENESS_DATA": str(tmp_path), "LIKENESS_SECRET_KEY": letter * 32})
        for letter in "kl"
    )
    prepare_alone(first)

    prepare_alone(second, new_key=True)

    prepare_alone(second)
    with pytest.raises(Mistake):
        prepare_alone(first)


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then a service manager may say that the start has failed."""
    monkeypatch.setattr(preparing, "PATIENCE_S", 0.1)
    database = open_database(f"postgresql://127.0.0.1:{free_port()}/away")

    with pytest.raises(ServiceUnavailable):
        prepare(database, b"k" * 32)
