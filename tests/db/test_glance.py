"""A look-up: on the spot where the database is a file, unless that would mean waiting."""

import threading
from pathlib import Path

import pytest

from likeness.db import looked_up, open_database
from likeness.errors import ServiceUnavailable

pytestmark = pytest.mark.anyio


class Statement:
    """One that notes which thread asks it, and that may be in somebody's way."""

    def __init__(self, *, is_blocked: bool = False) -> None:
        self.is_blocked = is_blocked
        self.threads: list[int] = []

    def __call__(self, digest: bytes, *, at_once: bool = False) -> bytes:
        """The digest itself."""
        self.threads.append(threading.get_ident())
        if at_once and self.is_blocked:
            raise ServiceUnavailable("somebody is in the way")
        return digest


@pytest.mark.parametrize("is_blocked", [False, True])
async def test_a_file_is_asked_on_the_spot_and_by_a_thread_where_that_would_wait(
    tmp_path: Path, is_blocked: bool
) -> None:
    """Nobody who must not wait does."""
    database, look = open_database(f"sqlite:///{tmp_path}/likeness.db"), Statement()
    look.is_blocked = is_blocked

    assert await looked_up(database, look, b"x") == b"x"

    here = [each == threading.get_ident() for each in look.threads]
    assert here == ([True, False] if is_blocked else [True])
    database.close()


async def test_a_server_is_asked_by_a_thread() -> None:
    """Its answer takes a journey. Nothing connects before it is asked."""
    database, look = open_database("postgresql://nobody@127.0.0.1:1/likeness"), Statement()

    assert await looked_up(database, look, b"x") == b"x"

    assert threading.get_ident() not in look.threads
    database.close()
