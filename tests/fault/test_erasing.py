"""kill -9 while somebody is erased: what is left is right, and the same verb ends it."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import anyio
import pytest

from likeness.db import open_database
from support.commands import CommandLine
from support.live import LiveServer
from support.pictures import jpeg
from support.postgres import PostgresServer
from support.traces import rows, telling

pytestmark = pytest.mark.slow

ADA, NAME = "ada@example.org", "Ada King-Noel"

DEADLY: Final = """
import os, signal, sys
from pkgutil import resolve_name

owner, name, calls, *words = sys.argv[1:]
owner, left = resolve_name(owner), int(calls)
real = getattr(owner, name)

def deadly(*args, **options):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return real(*args, **options)

setattr(owner, name, deadly)
from likeness.cli import app
app(words)
"""
"""A verb that is killed when something is called for the last of some times."""

PERSONAL: Final = "likeness.db.personal"

MOMENTS: Final = {
    "before all": (f"{PERSONAL}:Personal", "begin_erasing", 0),
    "in the first transaction": (PERSONAL, "take_away", 0),
    "with the account ended": ("likeness.photo_writer:PhotoWriter", "purge", 0),
    "among the files": ("pathlib:Path", "unlink", 3),
    "with the photos' files gone": ("likeness.db.photos:PhotoRows", "mark_purged", 0),
    "with all files gone": ("likeness.db.staged:StagedRows", "remove_staged", 0),
    "before the last transaction": (f"{PERSONAL}:Personal", "finish_erasing", 0),
    "in the last transaction": (PERSONAL, "_forget_in_log", 0),
}


@pytest.fixture(params=["sqlite", "debian"])
def server(
    request: pytest.FixtureRequest, tmp_path: Path, server_of: Callable[[str], PostgresServer]
) -> LiveServer:
    """An installation on each kind of database, which does not run: verbs do all."""
    if request.param == "sqlite":
        return LiveServer(tmp_path)
    return LiveServer(tmp_path, {"DATABASE": server_of(request.param).new_database()})


def ask(server: LiveServer, *words: str) -> Any:
    """The document that a verb prints, which is run in this process."""
    settings = {key: value for key, value in server.environment.items() if key[:9] == "LIKENESS_"}
    result = CommandLine(server.data).run(*words, "--json", settings=settings)
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_was_killed_is_run_again_to_the_end(moment: str, server: LiveServer) -> None:
    """At every moment there is a row by which the rest is found, until nothing is left."""
    picture = server.data / "me.jpg"
    picture.write_bytes(jpeg(600, 600))
    ask(server, "workspace", "add", "Acme")
    ask(server, "user", "add", ADA, "--name", NAME)
    ask(server, "photo", "set", ADA, str(picture))
    anyio.run(_prepare, server)
    owner, name, calls = MOMENTS[moment]

    killed = subprocess.run(
        [sys.executable, "-c", DEADLY, owner, name, str(calls), "user", "erase", ADA, "--yes"],
        env=server.environment,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    shown = ask(server, "user", "show", ADA)
    is_ended = moment not in {"before all", "in the first transaction"}
    assert is_ended == (shown["photo"] is None) == (shown["deleted_at"] is not None)

    assert ask(server, "user", "erase", ADA, "--yes")["erased"]

    database = open_database(
        server.settings.get("DATABASE", f"sqlite:///{server.data}/likeness.db")
    )
    left = telling(rows(database), shown["id"], ADA, NAME)
    database.close()
    assert {"events"} == {name for name, _ in left}
    assert [] == [path for path in (server.data / "blobs").rglob("*") if path.is_file()]


async def _prepare(server: LiveServer) -> None:
    """A picture that waits for its crop."""
    service = server.service()
    try:
        user = await service.people.find(ADA)
        await service.photos.prepare(user, jpeg(1200, 900))
    finally:
        await service.close()
