"""kill -9 in the middle of an import: run again, it ends as one that was let be."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

import psutil
import pytest

from support.commands import CommandLine
from support.organisation import Organisation
from support.patience import PATIENCE_S, wait_until

WAITED_FOR: Final = 50
"""Photos that are waited for at a time."""


def installation(folder: Path, organisation: Organisation) -> CommandLine:
    """A fresh one with everybody in it, none with a photo."""
    cli = CommandLine(folder)
    cli.json("workspace", "add", "Acme")
    cli.json("user", "import", str(organisation.table), "--apply")
    return cli


def begun(cli: CommandLine, organisation: Organisation) -> subprocess.Popen[bytes]:
    """An import of the zip, in a process of its own."""
    words = ["photo", "import", str(organisation.zip), "--apply", "--data", str(cli.data)]
    inherited = {key: value for key, value in os.environ.items() if key[:9] != "LIKENESS_"}
    return subprocess.Popen(
        [sys.executable, "-m", "likeness", *words],
        env=inherited,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def asked(cli: CommandLine, question: str) -> list[tuple[object, ...]]:
    """What the database answers, while others write into it."""
    with closing(sqlite3.connect(cli.data / "likeness.db", timeout=PATIENCE_S)) as connection:
        return connection.execute(question).fetchall()


def count(cli: CommandLine) -> int:
    """How many photos there are."""
    [[number]] = asked(cli, "SELECT count(*) FROM photos")
    assert isinstance(number, int)
    return number


def shown(cli: CommandLine) -> dict[object, object]:
    """The SHA-256 of the upload that each person shows, by their address."""
    joined = "SELECT email, upload_digest FROM users LEFT JOIN photos ON photos.id = photo_id"
    return {email: digest for email, digest in asked(cli, joined)}  # noqa: C416 - Rows are longer tuples to mypy.


def end_at(cli: CommandLine, organisation: Organisation, photos: int, sign: signal.Signals) -> None:
    """Begin, wait until there are so many photos, and end it; its workers go with it."""
    before, process = count(cli), begun(cli, organisation)
    children = list[psutil.Process]()

    def has(wanted: int) -> bool:
        assert process.poll() is None, "it was over before it could be killed"
        # It stands still while somebody looks, however long that takes on a busy machine.
        process.send_signal(signal.SIGSTOP)
        children[:] = psutil.Process(process.pid).children(recursive=True)
        if count(cli) >= wanted:
            return True
        process.send_signal(signal.SIGCONT)
        return False

    # One wait for a few at a time, however busy the machine is.
    for wanted in (*range(before + 1, photos, WAITED_FOR), photos):
        wait_until(partial(has, wanted))
        process.send_signal(signal.SIGCONT if wanted < photos else sign)
    process.send_signal(signal.SIGCONT)
    assert process.wait() != 0
    wait_until(lambda: not any(each.is_running() for each in children))


@pytest.mark.parametrize(
    ("people", "kills"),
    [(60, (10, 25)), pytest.param(5000, (500, 2000, 4500), marks=pytest.mark.slow)],
)
def test_an_import_that_was_killed_comes_to_the_same_end(
    tmp_path: Path, people: int, kills: tuple[int, ...]
) -> None:
    """Who shows which upload; all that it did can be taken back, batch by batch."""
    organisation = Organisation(tmp_path / "organisation", people).write()
    killed = installation(tmp_path / "killed", organisation)
    let_be = installation(tmp_path / "let-be", organisation)

    for number, photos in enumerate(kills):
        # The first time somebody only presses Ctrl-C.
        sign = signal.SIGKILL if number else signal.SIGINT
        end_at(killed, organisation, photos, sign)
        assert count(killed) < people
    last = killed.json("photo", "import", str(organisation.zip), "--apply")
    whole = let_be.json("photo", "import", str(organisation.zip), "--apply")

    assert whole["counts"] == {"new": people}
    assert last["counts"]["unchanged"] >= kills[-1]
    assert sum(last["counts"].values()) == people
    assert count(killed) == people, "nobody has two"
    assert shown(killed) == shown(let_be) == organisation.digests()
    assert killed.run("check").exit_code == 0

    batches = [batch["id"] for batch in killed.json("photo", "imports")]
    assert len(batches) == len(kills) + 1
    put_back = [killed.json("photo", "undo", batch)["put_back"] for batch in batches]
    assert sum(put_back) == people
    assert set(shown(killed).values()) == {None}
