"""The table of whose photo is shown, cell by cell, each with the real doors that lead there."""

import base64
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from anyio import to_thread

from likeness.events import Actor
from likeness.identities import Claims
from likeness.model import Photo, Source
from likeness.precedence import Offer
from likeness.scopes import ADMIN_SCOPE, WRITE_SCOPE
from support.door import Door, door
from support.pictures import jpeg
from support.provider_stage import ISSUER, Stage, provider_stage

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ADA: Final = "ada@example.org"


@dataclass
class Doors:
    """Everything through which a photo of Ada's may come."""

    api: Door
    folder: Path
    stage: Stage

    async def shown(self) -> Photo | None:
        """What she shows now."""
        return (await self.api.work.again(self.api.work.ada)).photo


async def by_self(doors: Doors, data: bytes) -> None:
    """Ada, by the API."""
    await doors.api.call("users.setPhoto", await doors.api.token(doors.api.work.ada), data)


async def by_administrator(doors: Doors, data: bytes) -> None:
    """Bob, by the API."""
    token = await doors.api.token(doors.api.work.bob, f"{WRITE_SCOPE},{ADMIN_SCOPE}")
    await doors.api.call("users.setPhoto", token, data, user=doors.api.work.ada.id)


async def by_import(doors: Doors, data: bytes, *options: str) -> None:
    """The verb, as a process, on a folder with one file."""
    (doors.folder / f"{ADA}.jpg").write_bytes(data)
    store = str(doors.api.work.service.config.data)
    verb = ["photo", "import", str(doors.folder), "--apply", "--data", store, *options]
    command = [sys.executable, "-m", "likeness", *verb]
    inherited = {key: value for key, value in os.environ.items() if key[:9] != "LIKENESS_"}

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, env=inherited, check=False)

    done = await to_thread.run_sync(run)
    assert done.returncode == 0, done.stderr + done.stdout


async def by_import_always(doors: Doors, data: bytes) -> None:
    """The same, told to replace what people chose."""
    await by_import(doors, data, "--policy", "always")


async def by_import_locked(doors: Doors, data: bytes) -> None:
    """The same, told to replace the photos of locked people too."""
    await by_import(doors, data, "--policy", "always", "--locked")


async def by_directory(doors: Doors, data: bytes) -> None:
    """The use case that directories will call."""
    work = doors.api.work
    ada = await work.again(work.ada)
    actor = Actor("ldap", Source.DIRECTORY)
    offer = Offer(Source.DIRECTORY, set_by=actor.name)
    await work.service.offers.offer(ada, data, offer, actor)


async def by_provider(doors: Doors, data: bytes) -> None:
    """The claim of somebody who signs in, which holds the picture itself."""
    uri = f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
    await doors.stage.arrive(Claims(ISSUER, "subject-of-ada", picture=uri))


Way = Callable[[Doors, bytes], Awaitable[None]]


async def nothing(doors: Doors) -> None:
    """Nobody ever chose."""


def shown_by(way: Way) -> Callable[[Doors], Awaitable[None]]:
    """A photo came that way."""

    async def come(doors: Doors) -> None:
        await way(doors, jpeg(600, 600, seed=1))
        assert await doors.shown()

    return come


async def removed(doors: Doors) -> None:
    """Ada took hers away."""
    await by_self(doors, jpeg(600, 600, seed=1))
    token = await doors.api.token(doors.api.work.ada)
    assert (await doors.api.call("users.deletePhoto", token))["ok"]


async def locked(doors: Doors) -> None:
    """An administrator locked what she had chosen."""
    await by_self(doors, jpeg(600, 600, seed=1))
    await doors.api.work.service.people.lock(ADA, reason="the badge shows it")


NOW: Final = {
    "never chosen": nothing,
    "removed": removed,
    "own": shown_by(by_self),
    "administrator": shown_by(by_administrator),
    "import": shown_by(by_import),
    "directory": shown_by(by_directory),
    "provider": shown_by(by_provider),
    "locked": locked,
}
COMES: Final[tuple[Way, ...]] = (
    by_self,
    by_administrator,
    by_import,
    by_import_always,
    by_import_locked,
    by_directory,
    by_provider,
)
TABLE: Final = {
    "never chosen": "+++++++",
    "removed": "++-++--",
    "own": "++-++--",
    "administrator": "++-++--",
    "import": "++++++-",
    "directory": "++++++-",
    "provider": "+++++++",
    "locked": "-+--+--",
}
"""Rows: how Ada stands; columns: COMES. + is shown, - is not."""


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    """A service with all its doors."""
    folder = tmp_path / "faces"
    folder.mkdir()
    async with (
        door(tmp_path / "data") as api,
        provider_stage(api.work, tmp_path / "host") as make,
    ):
        yield Doors(api, folder, make())


@pytest.mark.parametrize("way", COMES, ids=lambda way: way.__name__)
@pytest.mark.parametrize("now", NOW)
async def test_each_cell(doors: Doors, now: str, way: Way) -> None:
    """What is not shown has changed nothing."""
    await NOW[now](doors)
    before = await doors.shown()
    # A provider's picture is looked at again when its claim has changed, which it has.
    doors.api.work.clock.advance(seconds=5)

    await way(doors, jpeg(600, 600, seed=2))

    is_taken = TABLE[now][COMES.index(way)] == "+"
    assert (await doors.shown() != before) is is_taken
