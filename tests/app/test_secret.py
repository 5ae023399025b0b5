"""The key of the token digests."""

import asyncio
from pathlib import Path

import pytest

from likeness.app.secret import digest_key
from likeness.config import load

pytestmark = pytest.mark.anyio


async def test_the_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    """Another start finds the same key; nobody else may read it."""
    config = load({"LIKENESS_DATA": str(tmp_path)})

    keys = await asyncio.gather(*(asyncio.to_thread(digest_key, config) for _ in range(8)))

    assert len(set(keys)) == 1
    assert len(keys[0]) == 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


async def test_a_secret_that_is_set_is_used(tmp_path: Path) -> None:
    """No file is made for it."""
    config = load({"LIKENESS_DATA": str(tmp_path), "LIKENESS_SECRET_KEY": "k" * 32})

    assert digest_key(config) == b"k" * 32
    assert list(tmp_path.iterdir()) == []
