"""kill -9 while somebody is erased: what is left is right, and the same verb ends it."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import anyio
import pytest

from likeness.db import open_database
from support.commands import CommandLine
from support.live import LiveServer
from support.pictures import jpeg
from support.traces import rows, telling

pytestmark = pytest.mark.slow

ADA: Final = "ada@example.org"

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


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_was_killed_is_run_again_to_the_end(moment: str, tmp_path: Path) -> None:
    """At every moment there is a row by which the rest is found, until nothing is left."""
    cli = CommandLine(tmp_path)
    cli.json("workspace", "add", "Acme")
    cli.json("user", "add", ADA, "--name", "Ada King-Noel")
    (tmp_path / "me.jpg").write_bytes(jpeg(600, 600))
    cli.json("photo", "set", ADA, str(tmp_path / "me.jpg"))
    anyio.run(_prepare, tmp_path)
    owner, name, calls = MOMENTS[moment]

    killed = subprocess.run(
        [sys.executable, "-c", DEADLY, owner, name, str(calls), "user", "erase", ADA, "--yes"],
        env=LiveServer(tmp_path).environment,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr
    shown = cli.json("user", "show", ADA)
    is_ended = moment not in {"before all", "in the first transaction"}
    assert is_ended == (shown["photo"] is None) == (shown["deleted_at"] is not None)

    assert cli.json("user", "erase", ADA, "--yes")["erased"]

    database = open_database(f"sqlite:///{tmp_path}/likeness.db")
    left = telling(rows(database), shown["id"], ADA, "Ada King-Noel")
    database.close()
    assert {"events"} == {name for name, _ in left}
    assert [] == [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


async def _prepare(folder: Path) -> None:
    """A picture that waits for its crop."""
    service = LiveServer(folder).service()
    try:
        user = await service.people.find(ADA)
        await service.photos.prepare(user, jpeg(1200, 900))
    finally:
        await service.close()
