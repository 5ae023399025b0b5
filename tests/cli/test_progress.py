"""Bars are for people at a terminal."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from likeness.blobs import open_blobs
from likeness.cli.progress import bar
from support.rows import photo


def seen(source: Path, *words: str) -> str:
    """What a terminal shows on standard error while a store is copied to one beside it."""
    ours, theirs = os.openpty()
    chunks = list[bytes]()

    def read() -> None:
        # A terminal whose last writer is gone gives an error instead of an end.
        try:
            while chunk := os.read(ours, 4096):
                chunks.append(chunk)
        except OSError:
            os.close(ours)

    reader = Thread(target=read)
    reader.start()
    target = source.with_name("target").as_uri()
    command = [sys.executable, "-m", "likeness", "copy", "--from", source.as_uri(), "--to", target]
    subprocess.run(
        [*command, *words],
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        check=True,
    )
    os.close(theirs)
    reader.join()
    return b"".join(chunks).decode()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A store with a photo."""
    open_blobs((tmp_path / "source").as_uri()).put(dict.fromkeys(photo().blob_keys(), b"x" * 1000))
    return tmp_path / "source"


@pytest.mark.slow
def test_a_terminal_shows_how_far_it_is(source: Path) -> None:
    """In bytes, of all there are."""
    assert "8.0/8.0 kB" in seen(source)


@pytest.mark.slow
def test_programs_see_no_bar(source: Path) -> None:
    """Not even where there is a terminal."""
    assert "copying" not in seen(source, "--json")


def test_nothing_is_drawn_where_nobody_looks_on(capsys: pytest.CaptureFixture[str]) -> None:
    """As in the log of a nightly run; all may be told all the same."""
    with bar("copying", as_json=False) as progress:
        progress.listed(2)
        progress.expect(4)
        progress.advance(4)

    assert capsys.readouterr().err.strip() == ""


def test_a_log_has_a_line_for_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    """Of what takes long; there is nothing to be read of few things, and for programs."""
    for total, as_json in ((1000, False), (99, False), (1000, True)):
        with bar("photos", as_json=as_json, in_lines=True) as progress:
            progress.expect(total)
            for _ in range(total):
                progress.advance(1)
            progress.say("only beside a bar")

    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"photos: {each}00 of 1000" for each in range(1, 11)]
