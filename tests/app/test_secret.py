"""The key of the token digests."""

import asyncio
from pathlib import Path

import pytest

from likeness.app.secret import change_key, check_key, digest_key
from likeness.config import load
from likeness.errors import Mistake
from support.studio import Studio

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


async def test_all_machines_need_the_same_key(work: Studio) -> None:
    """Another one is refused with what to do, and nothing says what the first one was."""
    database, key = work.service.database, b"k" * 32
    check_key(database, key)
    check_key(database, key)

    with pytest.raises(Mistake, match=r"LIKENESS_SECRET_KEY.*--new-key") as caught:
        check_key(database, b"l" * 32)

    assert "kkkk" not in str(caught.value)
    assert b"kkkk" not in (work.service.config.data / "likeness.db").read_bytes()


async def test_an_operator_may_go_on_with_another_key(work: Studio) -> None:
    """From then on the first one is the wrong one."""
    database = work.service.database
    check_key(database, b"k" * 32)

    change_key(database, b"l" * 32)

    check_key(database, b"l" * 32)
    with pytest.raises(Mistake):
        check_key(database, b"k" * 32)
