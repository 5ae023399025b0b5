"""Serving by command, and migrating."""

import subprocess
import sys
from pathlib import Path

import pytest

from support import web
from support.commands import CommandLine
from support.live import LiveServer, add_person, free_port
from support.patience import PATIENCE_S
from support.pictures import jpeg


def test_migrate_says_where_the_database_is_and_may_be_repeated(tmp_path: Path) -> None:
    """The same revision twice."""
    line = CommandLine(tmp_path)

    first, second = line.json("migrate"), line.json("migrate")

    assert first == second
    assert first["revision"]


def test_several_processes_serve_one_folder(tmp_path: Path) -> None:
    """With two workers, a photo set through one is seen through the other."""
    with LiveServer(tmp_path, {"WORKERS": "2", "RATE_LIMITS": "off"}) as server:
        ada = add_person(server)
        headers = {"Authorization": f"Bearer {ada.token}"}
        files = {"image": jpeg(600, 600)}

        answer = web.post(f"{server.api}users.setPhoto", headers=headers, files=files).json()

        for _ in range(10):
            seen = web.get(f"{server.api}users.profile.get", headers=headers).json()
            assert seen["profile"]["image_72"] == answer["profile"]["image_72"]
            assert web.get(answer["profile"]["image_72"]).status_code == 200


def test_uvicorn_serves_as_well(tmp_path: Path) -> None:
    """Any ASGI server can run the factory."""
    server = LiveServer(tmp_path)
    words = ["uvicorn", "--factory", "likeness.app:create", "--port", str(server.port)]
    process = subprocess.Popen([sys.executable, "-m", *words], env=server.environment)
    try:
        server.process = process
        server._wait_until_ready()
        ada = add_person(server)

        answer = web.post(
            f"{server.api}users.setPhoto",
            headers={"Authorization": f"Bearer {ada.token}"},
            files={"image": jpeg(600, 600)},
        ).json()

        assert answer["ok"], answer
    finally:
        server.stop()


@pytest.mark.parametrize("verb", ["serve", "demo"])
def test_a_taken_port_is_told(tmp_path: Path, verb: str) -> None:
    """Not a silent hang."""
    port = free_port()
    with LiveServer(tmp_path / "one", port=port):
        run = subprocess.run(
            [sys.executable, "-m", "likeness", verb, "--port", str(port)],
            env=LiveServer(tmp_path / "two").environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )

    assert run.returncode != 0
    assert str(port) in run.stderr
    assert "Traceback" not in run.stderr


def test_another_secret_key_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    """Tokens of the first one are unknown from then on."""
    line, other = CommandLine(tmp_path), {"LIKENESS_SECRET_KEY": "l" * 32}
    line.json("migrate")

    refused = line.run("migrate", settings=other)
    accepted = line.run("migrate", "--new-key", settings=other)

    assert refused.exit_code == 1
    assert "--new-key" in str(refused.exception)
    assert accepted.exit_code == 0
    assert line.run("migrate").exit_code == 1
