"""The double, from a shell: where it runs, where it never does, and that nothing of it stays."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.patience import PATIENCE_S
from support.web import get, post


@contextmanager
def running(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A double whose temporary files are in `folder`, in an environment for another service."""
    misleading = {"LIKENESS_DATABASE": "postgres://nobody@invalid/x", "LIKENESS_HOST": "0.0.0.0"}
    with subprocess.Popen(
        [sys.executable, "-m", "likeness", "double", *words],
        env=os.environ | misleading | {"TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def refused(tmp_path: Path, *words: str) -> str:
    """Why a double does not start."""
    with running(tmp_path, *words) as process:
        said = process.communicate(timeout=PATIENCE_S)[1]
        assert process.returncode in {1, 2}
    return " ".join(said.split())


@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT", "input"])
def test_it_answers_on_loopback_and_nothing_of_it_stays(tmp_path: Path, end: str) -> None:
    """Whatever the environment says of another installation; the people of its line can call."""
    with running(tmp_path, "--json", "--attached") as process:
        assert process.stdout
        assert process.stdin
        told = json.loads(process.stdout.readline())
        assert told["url"].startswith("http://127.0.0.1:")
        assert list(told["people"]) == ["ada", "admin", "bot"]
        for who in told["people"].values():
            headers = {"Authorization": f"Bearer {who['token']}"}
            me = post(f"{told['api_url']}auth.test", headers=headers).json()
            assert me["user_id"] == who["id"]
        assert get(f"{told['url']}/readyz").status_code == 200
        assert [path.name.startswith("likeness-double-") for path in tmp_path.iterdir()] == [True]
        if end == "input":
            process.stdin.close()
        else:
            process.send_signal(signal.Signals[end])
        process.wait(PATIENCE_S)

    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_it_tells_people_how_to_call(tmp_path: Path) -> None:
    """Without --json."""
    with running(tmp_path) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(4)]
        process.terminate()
        process.wait(PATIENCE_S)

    assert "/api/" in lines[0]
    assert [line.split()[0] for line in lines[1:]] == ["ada", "admin", "bot"]


def test_it_touches_no_folder_that_has_something(tmp_path: Path) -> None:
    """Not even one of a double that has ended; a new one is kept."""
    data = tmp_path / "data"
    with running(tmp_path, "--json", "--folder", str(data)) as process:
        assert process.stdout
        process.stdout.readline()
        process.terminate()
        process.wait(PATIENCE_S)
    assert (data / "likeness.db").is_file()

    assert "is not empty" in refused(tmp_path, "--folder", str(data))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "loopback only"),
        (["--host", "::"], "loopback only"),
        (["--host", "192.0.2.7"], "loopback only"),
        (["--host", "unix:/tmp/x"], "loopback only"),
        (["--set", "database=postgresql://x@y/z"], "database cannot be set"),
        (["--set", "blobs=s3://bucket"], "blobs cannot be set"),
        (["--set", "frames_max=none"], "LIKENESS_FRAMES_MAX"),
        (["--set", "colour=red"], "no such setting"),
    ],
)
def test_what_could_meet_others_is_refused(tmp_path: Path, words: list[str], said: str) -> None:
    assert said in refused(tmp_path, *words)
    assert list(tmp_path.iterdir()) == []
