"""Letters of a running service, to a real mail server."""

import re
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from likeness.app import post_office as offices
from likeness.app.post_office import post_offices
from likeness.errors import ServiceUnavailable
from likeness.events import OPERATOR
from support import web
from support.live import LiveServer, add_person
from support.mailbox import Mailbox, mailbox
from support.pictures import jpeg
from support.studio import Studio, studio


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mailbox() as running:
        yield running


def settings(box: Mailbox) -> dict[str, str]:
    """Those that lead to it."""
    return {"smtp_url": box.url, "mail_from": "photos@example.org"}


def test_somebody_signs_in_by_a_letter(tmp_path: Path, box: Mailbox) -> None:
    """By a whole service over sockets."""
    own = {name.upper(): value for name, value in settings(box).items()}
    server = LiveServer(tmp_path, own)
    ada = add_person(server).user
    with server, web.Client(base_url=server.url) as client:
        headers = {"Origin": server.url}
        asked = client.post("/sign-in/mail", data={"email": ada.email}, headers=headers)
        found = re.search(r"(/sign-in\?code=)(\S+)", box.text())
        assert asked.status_code == 200
        assert found
        question = client.get(found[0])
        entered = client.post("/sign-in", data={"code": found[2]}, headers=headers)

        assert "Sign in as" in question.text
        assert entered.status_code == 303
        assert client.get("/").status_code == 200


def test_without_a_mail_server_there_are_no_letters(tmp_path: Path) -> None:
    async def office() -> object:
        async with studio(tmp_path) as work:
            return post_offices(work.service)

    assert anyio.run(office) == []


@pytest.mark.anyio
async def test_changes_are_told_while_it_runs(
    tmp_path: Path, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each round by one process, also after one in which the database was away."""
    monkeypatch.setattr(offices, "ROUND_INTERVAL_S", 0.01)
    async with studio(tmp_path, **settings(box)) as work, anyio.create_task_group() as jobs:
        [office] = post_offices(work.service)
        failing = [ServiceUnavailable("away")]
        real = office.changes.round

        async def round_() -> int:
            if failing:
                raise failing.pop()
            return await real()

        monkeypatch.setattr(office.changes, "round", round_)
        jobs.start_soon(office.run)
        await _until(work, lambda: work.service.database.fact("letters_until") is not None)
        await work.service.photos.set(work.ada, jpeg(600, 600), None, by=OPERATOR)
        await _until(work, lambda: bool(box.letters))
        jobs.cancel_scope.cancel()

    assert "An administrator set a photo of you" in box.text()


async def _until(work: Studio, condition: object) -> None:
    """Let time pass until it holds."""
    assert callable(condition)
    while not condition():
        work.clock.advance(seconds=30)
        await anyio.sleep(0.02)
