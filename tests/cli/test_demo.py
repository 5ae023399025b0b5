"""The demonstration, from a shell."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.live import free_port
from support.patience import PATIENCE_S


def demo(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `likeness demo --once` on a folder."""
    command = [sys.executable, "-m", "likeness", "demo", "--once", "--data", str(data)]
    return subprocess.run(
        [*command, "--port", str(free_port()), *words],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_the_demo_sets_a_photo_and_leaves(tmp_path: Path) -> None:
    """One JSON document with a token and nine keys; eight files on disk."""
    run = demo(tmp_path, "--json")

    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert answer["token"].startswith("xoxp-")
    assert "/sign-in?code=" in answer["page"]
    assert len(answer["profile"]) == 9
    assert len(list((tmp_path / "blobs").rglob("*.jpg"))) == 8


@pytest.mark.slow
def test_the_demo_may_be_repeated(tmp_path: Path) -> None:
    """The same workspace, person and photo are found again."""
    first, second = (json.loads(demo(tmp_path, "--json").stdout) for _ in range(2))

    assert first["profile"]["avatar_hash"] == second["profile"]["avatar_hash"]
    assert first["token"] != second["token"]


@pytest.mark.slow
def test_the_demo_tells_people_what_to_do_next(tmp_path: Path) -> None:
    """Lines for curl with the token in them, and every URL."""
    run = demo(tmp_path)

    assert "curl -F image=@me.jpg -H 'Authorization: Bearer xoxp-" in run.stdout
    assert run.stdout.count("/avatars/") == 8
    assert run.stdout.count("/sign-in?code=") == 1
