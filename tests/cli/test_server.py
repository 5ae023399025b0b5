"""Serving by command, and migrating."""

import json
import resource
import socket
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from support import web
from support.commands import CommandLine
from support.live import LiveServer, add_person
from support.patience import PATIENCE_S, wait_until
from support.pictures import jpeg
from support.starting import ended_after


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


def serving(data: Path, *options: str, **more: Any) -> subprocess.Popen[str]:
    """`likeness serve` with these options, whose log is read here."""
    return subprocess.Popen(
        [sys.executable, "-m", "likeness", "serve", *options],
        env=LiveServer(data, {"LOG_FORMAT": "json"}).environment | {"LIKENESS_PORT": "0"},
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def line_of(server: subprocess.Popen[str], event: str) -> dict[str, str]:
    """The first line of its log about an event."""
    assert server.stderr
    heard = []
    with ended_after(server):
        for text in server.stderr:
            heard.append(text)
            line: dict[str, str] = json.loads(text)
            if line["event"] == event:
                return line
    raise AssertionError(f"no {event} in: {heard}")


def end(server: subprocess.Popen[str]) -> None:
    """As an operator would."""
    server.terminate()
    server.communicate(timeout=PATIENCE_S)


def is_answered(path: Path) -> bool:
    """Whether somebody takes connections there."""
    with closing(socket.socket(socket.AF_UNIX)) as line:
        return line.connect_ex(str(path)) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_free_port_is_told(tmp_path: Path, workers: str) -> None:
    """By the first line of the log; every address that is given out has it."""
    server = serving(tmp_path, "--port", "0", "--workers", workers)
    try:
        told = line_of(server, "listening")

        assert told["place"] == told["url"]
        assert not told["url"].endswith(":0")
        wait_until(lambda: web.says_ok(f"{told['url']}/healthz"))
        assert web.get(f"{told['url']}/openapi.json").json()["servers"] == [{"url": told["url"]}]
    finally:
        end(server)


def test_a_path_can_be_listened_on(tmp_path: Path) -> None:
    """By a proxy on this machine; the socket is gone when the service has stopped."""
    path = tmp_path / "likeness.sock"
    server = serving(tmp_path / "data", "--host", f"unix:{path}", "--workers", "2")
    try:
        assert line_of(server, "listening")["place"] == f"unix:{path}"
        wait_until(lambda: is_answered(path))
        with web.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
            assert client.get("http://x/healthz").status_code == 200
            assert client.get("http://x/avatar/" + "0" * 32).status_code == 200
    finally:
        end(server)
    assert server.returncode == 0
    assert not path.exists()


def test_the_connections_of_a_process_can_be_limited(tmp_path: Path) -> None:
    """And are, where the machine allows fewer."""
    limits = (300, 300)
    server = serving(
        tmp_path,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_NOFILE, limits),
    )
    try:
        url = line_of(server, "listening")["url"]
        wait_until(lambda: web.says_ok(f"{url}/healthz"))
        lines = [socket.create_connection(("127.0.0.1", urlsplit(url).port)) for _ in range(320)]
        assert web.get(f"{url}/healthz").status_code == 200
        for line in lines:
            line.close()
    finally:
        end(server)


def test_uvicorn_serves_as_well(tmp_path: Path) -> None:
    """Any ASGI server can run the factory."""
    server = LiveServer(tmp_path)
    words = ["uvicorn", "--factory", "likeness.app.web:create", "--port", str(server.port)]
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
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        run = subprocess.run(
            [sys.executable, "-m", "likeness", verb, "--port", str(port)],
            env=LiveServer(tmp_path).environment,
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
    line.json("workspace", "add", "Acme")
    line.json("user", "add", "ada@example.org")
    line.json("token", "issue", "ada@example.org")

    refused = line.run("migrate", settings=other)
    accepted = line.run("migrate", "--new-key", settings=other)

    assert refused.exit_code == 1
    assert "--new-key" in str(refused.exception)
    assert accepted.exit_code == 0
    assert "tokens and sessions ended: 1" in accepted.output
    repeated = line.run("migrate", "--new-key", settings=other)
    assert repeated.exit_code == 0
    assert "ended: none, since LIKENESS_SECRET_KEY has the key" in repeated.output
    assert line.run("migrate").exit_code == 1
