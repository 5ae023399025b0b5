"""The key of the token digests."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from likeness.app.secret import (
    change_key,
    check_key,
    digest_key,
    has_key,
    is_its_key,
    key_source,
    known_key,
)
from likeness.config import load
from likeness.errors import Mistake
from likeness.keys import Keys
from support.disks import fill, small_disk
from support.studio import Studio
from support.users import NOBODY, acting_as, folder_of, owner

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
    check_key(database, Keys(key), "k")
    check_key(database, Keys(key), "k")

    with pytest.raises(Mistake, match=r"LIKENESS_SECRET_KEY.*--new-key") as caught:
        check_key(database, Keys(b"l" * 32), "/srv/secret.key")

    assert "another secret key than that of /srv/secret.key" in str(caught.value)
    assert "kkkk" not in str(caught.value)
    assert b"kkkk" not in (work.service.config.data / "likeness.db").read_bytes()


async def test_an_operator_may_go_on_with_another_key(work: Studio) -> None:
    """From then on the first one is the wrong one."""
    database = work.service.database
    assert not has_key(database)
    check_key(database, Keys(b"k" * 32), "k")
    assert has_key(database)

    assert change_key(database, Keys(b"l" * 32), work.clock()) == 0

    check_key(database, Keys(b"l" * 32), "l")
    assert is_its_key(database, b"l" * 32)
    assert not is_its_key(database, b"k" * 32)
    with pytest.raises(Mistake):
        check_key(database, Keys(b"k" * 32), "k")


async def test_going_on_with_another_key_tells_how_many_tokens_and_sessions_end(
    work: Studio,
) -> None:
    """Those that were over are not counted; with the key that it has, or knows, none ends."""
    database, accounts, now = work.service.database, work.service.accounts, work.clock()
    check_key(database, Keys(b"k" * 32), "k")
    for lifetime in (None, timedelta(days=1), timedelta(0)):
        await accounts.issue_token("ada@example.org", (), lifetime)

    assert change_key(database, Keys(b"k" * 32), now) is None
    assert change_key(database, Keys(b"l" * 32, b"k" * 32), now) == 0
    assert change_key(database, Keys(b"m" * 32), now) == 2
    assert all(token.revoked_at for token in await accounts.tokens_of("ada@example.org"))


async def test_a_key_that_follows_one_is_the_right_one_from_then_on(work: Studio) -> None:
    """A machine that has the first one alone is refused from then on."""
    database = work.service.database
    check_key(database, Keys(b"k" * 32), "k")

    check_key(database, Keys(b"l" * 32, b"k" * 32), "l")

    check_key(database, Keys(b"l" * 32), "l")
    for keys in (Keys(b"k" * 32), Keys(b"m" * 32, b"k" * 32)):
        with pytest.raises(Mistake, match="another secret key"):
            check_key(database, keys, "k")


async def test_a_key_that_is_not_there_is_none(tmp_path: Path) -> None:
    """To look for it makes nothing; where it comes from can be said all the same."""
    config = load({"LIKENESS_DATA": str(tmp_path)})

    assert known_key(config) is None
    assert list(tmp_path.iterdir()) == []
    assert str(tmp_path / "secret.key") == key_source(config)
    assert "LIKENESS_SECRET_KEY" == key_source(load({"LIKENESS_SECRET_KEY": "k" * 32}))


async def test_a_key_that_was_cut_short_is_none_to_go_on_with(tmp_path: Path) -> None:
    """With an empty one anybody could reckon the digests of tokens."""
    (tmp_path / "secret.key").write_bytes(b"short")

    with pytest.raises(Mistake, match="has 5 bytes and is no secret key; restore it"):
        digest_key(load({"LIKENESS_DATA": str(tmp_path)}))


async def test_a_key_of_somebody_else_is_named_with_its_owner(public_path: Path) -> None:
    """As root leaves it that ran a verb before the first start, or restored a backup."""
    folder = folder_of(NOBODY, public_path / "theirs")
    (folder / "secret.key").touch(0o600)
    config = load({"LIKENESS_DATA": str(folder)})

    with acting_as(NOBODY), pytest.raises(Mistake) as caught:
        digest_key(config)

    assert f"{folder / 'secret.key'} belongs to root (0) with mode 600" in str(caught.value)
    assert f"chown {NOBODY}" in str(caught.value)


async def test_a_key_that_root_makes_belongs_to_the_owner_of_its_folder(public_path: Path) -> None:
    """The service's user reads it afterwards."""
    folder = folder_of(NOBODY, public_path / "theirs")

    key = digest_key(load({"LIKENESS_DATA": str(folder)}))

    assert (NOBODY, NOBODY) == owner(folder / "secret.key")
    with acting_as(NOBODY):
        assert key == (folder / "secret.key").read_bytes()


async def test_a_key_that_cannot_be_kept_leaves_nothing(tmp_path: Path) -> None:
    """A disk without room for 32 bytes; the next attempt begins afresh."""
    with small_disk(tmp_path / "disk", 2**20) as disk:
        filler = fill(disk)
        config = load({"LIKENESS_DATA": str(disk)})

        with pytest.raises(Mistake, match=r"the secret key cannot be made: .*No space left"):
            digest_key(config)

        assert [filler] == list(disk.iterdir())
