"""Programs of others are told: unmodified Bolt apps, and the npm package of Standard Webhooks."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from support import web
from support.live import LiveServer, Person, add_person, free_port
from support.patience import PATIENCE_S, wait_until
from support.pictures import jpeg

pytestmark = pytest.mark.slow

HERE: Final = Path(__file__).parent
ADA, BOT = "ada@example.org", "bot@example.org"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A service that may tell programs on this machine."""
    settings = {"TARGET_NETWORKS": "127.0.0.0/8", "RATE_LIMITS": "off"}
    with LiveServer(tmp_path_factory.mktemp("targets") / "data", settings) as live:
        yield live


@pytest.fixture(scope="module")
def bot(service: LiveServer) -> Person:
    """On whose behalf apps hear."""
    return add_person(service, BOT, is_bot=True)


class Saying:
    """A program that says what it hears, line by line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.lines: list[dict[str, Any]] = []
        self._process = process
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("{"):
                self.lines.append(json.loads(line))

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait(PATIENCE_S)
        self._reading.join(PATIENCE_S)


@contextmanager
def saying(words: list[str], folder: Path, variables: dict[str, str]) -> Iterator[Saying]:
    """A program that runs."""
    process = subprocess.Popen(
        words, cwd=folder, env=variables, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    program = Saying(process)
    try:
        yield program
    finally:
        program.end()
        assert process.stdout
        process.stdout.close()


def is_open(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def verb(service: LiveServer, *words: str) -> Any:
    """What a verb says, as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "likeness", *words, "--json"],
        env=service.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def call(service: LiveServer, person: Person, method: str, **parts: Any) -> dict[str, Any]:
    """The answer to a call, which is no error."""
    headers = {"Authorization": f"Bearer {person.token}"}
    answer: dict[str, Any] = web.post(service.api + method, headers=headers, **parts).json()
    assert answer["ok"], answer
    return answer


def secret_ahead(service: LiveServer, kind: str, name: str) -> tuple[str, str]:
    """The id and secret of a target that is not added yet, as a program needs it before."""
    from likeness.app.secret import keys_of  # noqa: PLC0415 - the service's own key.
    from likeness.config import load  # noqa: PLC0415 - see above
    from likeness.elsewhere import Target  # noqa: PLC0415 - see above
    from likeness.targets.signing import (  # noqa: PLC0415 - see above
        as_slack_secret,
        as_webhook_secret,
        signing_secrets,
    )
    from support.rows import NOW  # noqa: PLC0415 - see above

    own = {k: v for k, v in service.environment.items() if k[:9] == "LIKENESS_"}
    target = Target(f"K{name.upper()}", name, kind, "http://127.0.0.1/", NOW)
    [secret] = signing_secrets(keys_of(load(own)), target, NOW)
    written = as_webhook_secret if kind == "webhook" else as_slack_secret
    return target.id, written(secret)


def add(service: LiveServer, words: list[str], target_id: str) -> None:
    """Add a target with this id."""
    named = f"import likeness.app.aiming as aiming; aiming.new_id = lambda _: {target_id!r}"
    code = f"{named}\nfrom likeness.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "target", "add", *words],
        env=service.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("language", ["python", "node"])
def test_an_app_built_for_slack_hears_what_becomes_of_a_photo(
    service: LiveServer, bot: Person, language: str, request: pytest.FixtureRequest
) -> None:
    """Set, changed, restored, deleted, and the person deactivated; hidden they look the same."""
    person = add_person(service, f"{language}@example.org")
    target_id, secret = secret_ahead(service, "slack_events", language)
    port = free_port()
    variables = {
        **service.environment,
        "SIGNING_SECRET": secret,
        "TOKEN": bot.token,
        "API": service.api,
        "PORT": str(port),
    }
    words, folder = [sys.executable, str(HERE / "bolt_app.py")], HERE
    if language == "node":
        folder = request.getfixturevalue("node_driver")
        words = ["node", "app.mjs"]
    with saying(words, folder, variables) as app:
        url = f"http://127.0.0.1:{port}/slack/events"
        wait_until(lambda: is_open(port))
        add(service, ["slack_events", language, "--url", url, "--bot", BOT], target_id)
        heard = [line for line in app.lines if "id" in line]

        def hears(**expected: Any) -> None:
            def is_heard() -> bool:
                mine = [each for each in app.lines if each.get("id") == person.user.id]
                return bool(mine) and {**mine[-1], **expected} == mine[-1]

            wait_until(is_heard, lambda: str(app.lines) + service.log()[-2000:])

        assert heard == []
        hashes = []
        for number in (1, 2):
            photo = call(service, person, "users.setPhoto", files={"image": jpeg(600, 600, number)})
            hashes.append(photo["profile"]["avatar_hash"])
            hears(avatar_hash=hashes[-1], deleted=False)
        history = call(service, person, "users.listPhotos")["photos"]
        call(service, person, "users.restorePhoto", data={"photo": history[-1]["id"]})
        hears(avatar_hash=hashes[0])
        before = len(app.lines)
        verb(service, "user", "hide", person.user.email)
        call(service, person, "users.deletePhoto")
        wait_until(lambda: app.lines[-1].get("avatar_hash", "").startswith("g"))
        assert len(app.lines) == before + 1
        verb(service, "user", "deactivate", person.user.email)
        hears(deleted=True)
    verb(service, "target", "remove", language)


def test_the_npm_package_believes_what_it_is_told(service: LiveServer, node_driver: Path) -> None:
    person = add_person(service, "npm@example.org")
    target_id, secret = secret_ahead(service, "webhook", "npm")
    port = free_port()
    variables = {**service.environment, "SECRET": secret, "PORT": str(port)}
    with saying(["node", "webhooks.mjs"], node_driver, variables) as receiver:
        wait_until(lambda: receiver.lines[:1] == [{"ready": True}])
        add(service, ["webhook", "npm", "--url", f"http://127.0.0.1:{port}/"], target_id)
        call(service, person, "users.setPhoto", files={"image": jpeg(600, 600)})
        wait_until(lambda: {"type": "photo.changed", "reason": "set"} in receiver.lines)
        verb(service, "user", "hide", person.user.email)
        wait_until(lambda: {"type": "photo.removed", "reason": "hidden"} in receiver.lines)
        assert "refused" not in str(receiver.lines)
    verb(service, "target", "remove", "npm")
