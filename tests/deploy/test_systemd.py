"""The unit for systemd: of the right form, tight, and run by hand as it says."""

import shlex
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from likeness.cli.server import stop_timeout_s
from likeness.config import load
from support import web
from support.deployed import Deployed, owned_by, set_a_photo
from support.docs import ROOT
from support.fronts import program
from support.image import Image
from support.live import LiveServer, free_port
from support.patience import PATIENCE_S, wait_until

UNIT: Final = ROOT / "deploy/likeness.service"
EXPOSURE_MAX: Final = 2.0
"""By systemd's own measure, from 0 to 10; a unit that says nothing has 9.6."""


def settings(key: str) -> list[str]:
    """What the unit says under a key, once for each time."""
    lines = UNIT.read_text().splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{key}=")]


def calls(name: str) -> set[str]:
    """The system calls of a name as systemd writes them: `@...` are several."""
    if not name.startswith("@"):
        return {name}
    command = [program("systemd-analyze"), "syscall-filter", name]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    words = [line.strip() for line in shown.splitlines()[1:]]
    return {call for word in words if word and word[0] != "#" for call in calls(word)}


def tightened(*, without: str = "never") -> list[str]:
    """What a command begins with that is to be run as the unit allows, but for some lines of it."""
    lines = [line for line in settings("SystemCallFilter") if without not in line]
    allowed = {call for line in lines for word in line.split() for call in calls(word)}
    [families] = settings("RestrictAddressFamilies")
    numbers = [str(int(socket.AddressFamily[name])) for name in families.split()]
    text = (ROOT / "tests/support/tightened.py").read_text()
    return ["-c", text, ",".join(sorted(allowed)), ",".join(numbers)]


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Without a word about it, but that the program is not installed here."""
    here = tmp_path / "likeness.service"
    here.write_text(UNIT.read_text().replace("/opt/likeness/bin/likeness", sys.executable))

    run = subprocess.run(
        [program("systemd-analyze"), "verify", here], capture_output=True, text=True, check=False
    )

    assert (run.returncode, run.stdout + run.stderr) == (0, "")


def test_the_unit_is_tight() -> None:
    """By systemd's own measure."""
    run = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=true", UNIT],
        capture_output=True,
        text=True,
        check=True,
    )
    [verdict] = [line for line in run.stdout.splitlines() if "Overall exposure level" in line]

    assert float(verdict.partition(": ")[2].split()[0]) <= EXPOSURE_MAX


def test_requests_may_end_before_anybody_is_killed() -> None:
    """By the settings that the unit has, and no delay."""
    told = dict(word.split("=", 1) for line in settings("Environment") for word in line.split())
    [timeout] = settings("TimeoutStopSec")

    assert stop_timeout_s(load(told)) < int(timeout)
    assert settings("KillMode") == ["mixed"]


def test_systemd_takes_the_socket(tmp_path: Path) -> None:
    """Beside the unit that it is for."""
    for name in ("likeness.service", "likeness.socket"):
        text = (ROOT / "deploy" / name).read_text()
        (tmp_path / name).write_text(text.replace("/opt/likeness/bin/likeness", sys.executable))

    run = subprocess.run(
        [program("systemd-analyze"), "verify", tmp_path / "likeness.socket"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stdout + run.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_socket_of_systemd_is_served(tmp_path: Path, workers: str) -> None:
    """Who connects before the service is there waits for it."""
    server = LiveServer(tmp_path / "data", {"WORKERS": workers})
    place = f"127.0.0.1:{free_port()}"
    words = [sys.executable, "-m", "likeness", "serve", "--port", "1"]
    inherited = [f"-E{name}" for name in server.environment if name.startswith("LIKENESS_")]
    activator = subprocess.Popen(
        [program("systemd-socket-activate"), f"-l{place}", "-EPATH", *inherited, *words],
        env=server.environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: web.says_ok(f"http://{place}/healthz"))
        document = web.get(f"http://{place}/openapi.json").json()
        assert document["servers"] == [{"url": f"http://{place}"}]
    finally:
        activator.terminate()
        assert activator.wait(PATIENCE_S) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("without", "level"), [("never", "full"), ("landlock", "weak")])
def test_the_walls_stand_behind_the_filter(without: str, level: str, tmp_path: Path) -> None:
    """By the calls that the unit adds, and only by those."""
    doctor = [str(Path(sys.executable).with_name("likeness")), "doctor"]
    environment = {"LIKENESS_DATA": str(tmp_path), "PATH": "/usr/bin"}

    run = subprocess.run(
        [sys.executable, *tightened(without=without), *doctor],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert f"sandbox: {level}" in run.stdout + run.stderr
    assert (run.returncode == 0) is (level == "full")


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", ["auto", "off"])
def test_without_walls_no_start_is_open_to_other_machines(sandbox: str, tmp_path: Path) -> None:
    """Unless `off` is said in words. Here nobody listens in the end: there is no such host."""
    serve = [str(Path(sys.executable).with_name("likeness")), "serve", "--host", "photos.invalid"]
    environment = {"LIKENESS_DATA": str(tmp_path), "LIKENESS_SANDBOX": sandbox, "PATH": "/usr/bin"}

    run = subprocess.run(
        [sys.executable, *tightened(without="landlock"), *serve],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert ("LIKENESS_SANDBOX=off goes on without walls" in run.stderr) is (sandbox == "auto")


@pytest.mark.slow
def test_what_the_unit_starts_serves(public_path: Path, image: Image) -> None:
    """As its user, without rights or new code, with no system calls but those of its filter."""
    [command] = settings("ExecStart")
    words = shlex.split(command)
    told = dict(word.split("=", 1) for line in settings("Environment") for word in line.split())
    data = owned_by(public_path / "data", 65534)
    own = told | {"LIKENESS_DATA": str(data), "PATH": "/usr/bin"}
    python = str(image.here("/opt/likeness/bin/python"))
    wrapper = ["setpriv", "--no-new-privs", "--bounding-set=-all", python, *tightened()]
    likeness = image.here(words[0])
    assert words[1:] == ["serve"]

    with Deployed(data, program=likeness, user=65534, own=own, wrapper=wrapper) as server:
        photo = set_a_photo(server)
        assert (200, "image/jpeg") == (photo.status_code, photo.headers["content-type"])
        assert '"sandbox": "full"' in server.log()
        assert server.process
        server.process.terminate()
        assert server.process.wait(PATIENCE_S) == 0
        server.process = None
