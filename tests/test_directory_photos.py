"""Photos that a directory names, over a real service and a real host by TLS on loopback."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from likeness import errands
from likeness.directory_photos import DirectoryPhotos
from likeness.enrolling import Enrolled, Enrolling
from likeness.entries import Entry
from likeness.errors import ServiceUnavailable
from likeness.events import Verb
from likeness.model import Source, User
from support.document_host import DocumentHost, document_host
from support.enrolled import SCIM
from support.pictures import jpeg
from support.provider_stage import PHOTOS, URL, authority, fetcher_of
from support.studio import Studio

pytestmark = pytest.mark.anyio


@dataclass
class Stage:
    """The service, a host, and what is tested."""

    work: Studio
    host: DocumentHost
    photos: DirectoryPhotos

    async def ada(self) -> Enrolled:
        """She, as the directory brings her again."""
        team = await self.work.service.people.team()
        entry = Entry("scim", "7", emails=("ada@example.org",))
        return await self.work.service.enrolling.enrol(team, entry, SCIM)

    async def follow(self, url: str | None) -> User:
        """The directory says where her photo is; gives her as she is then."""
        await self.photos.follow(await self.ada(), url, SCIM)
        await self.photos.idle()
        return await self.work.again(self.work.ada)

    def told(self) -> list[str | None]:
        """Why photos of hers were refused, newest first."""
        events = self.work.service.database.events(user_id=self.work.ada.id, limit=20)
        return [each.detail for each in events if each.verb is Verb.PHOTO_REFUSED]


@pytest.fixture
async def stage(work: Studio, tmp_path: Path) -> AsyncIterator[Stage]:
    """With one host that may be asked, where Ada has a photo."""
    folder = tmp_path / "host"
    async with document_host(authority().server(folder, PHOTOS)) as host:
        service, fetcher = work.service, fetcher_of(host, PHOTOS)
        made = DirectoryPhotos(service.database, service.enrolling, fetcher, work.clock)
        host.answer("/ada", jpeg(600, 600))
        yield Stage(work, host, made)
        await made.close()


async def test_a_photo_is_fetched_once_for_each_url(stage: Stage) -> None:
    """After the directory was answered; another URL brings another photo, none takes it away."""
    await stage.photos.follow(await stage.ada(), URL, SCIM)
    assert stage.host.asked == []
    await stage.photos.idle()
    ada = await stage.follow(URL)
    assert ada.photo
    assert (ada.photo.set_by, ada.photo_source) == ("scim", Source.DIRECTORY)
    assert len(stage.host.asked) == 1
    assert URL not in str((await stage.ada()).identity)

    stage.host.answer("/new", jpeg(500, 500))
    new = await stage.follow(f"https://{PHOTOS}/new")
    assert new.photo
    assert new.photo.width == 500
    assert (await stage.follow(None)).photo is None


async def test_what_nobody_may_be_asked_for_is_told_once(stage: Stage) -> None:
    """The photo of before stays."""
    await stage.follow(URL)

    for url in ("https://elsewhere.example/ada", "https://["):
        assert [(await stage.follow(url)).photo is not None for _ in range(2)] == [True, True]
    assert stage.told() == ["not_a_url", "host_not_named"]


async def test_what_is_not_there_or_no_picture_is_told_and_asked_again(stage: Stage) -> None:
    """It may be there the next time."""
    for _ in range(2):
        assert (await stage.follow(f"https://{PHOTOS}/missing")).photo is None
    stage.host.answer("/text", b"no picture")
    for _ in range(2):
        await stage.follow(f"https://{PHOTOS}/text")
    assert stage.told() == ["bad_image", "absent", "absent"]


async def test_beyond_the_room_it_waits_for_the_next_change(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a second URL of one person while the first is fetched."""
    monkeypatch.setattr(errands, "WAITING_MAX", 1)
    with capture_logs() as lines:
        await stage.photos.follow(await stage.ada(), URL, SCIM)
        await stage.photos.follow(await stage.ada(), f"{URL}?", SCIM)
    assert ["directory_photo_dropped"] == [line["event"] for line in lines]
    await stage.photos.idle()
    assert (await stage.work.again(stage.work.ada)).photo


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (ServiceUnavailable("later"), "directory_photo_postponed"),
        (RuntimeError("bug"), "directory_photo_failed"),
    ],
)
async def test_failures_are_for_the_log(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception, event: str
) -> None:
    """Nobody waits for the task."""

    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Enrolling, "offer_photo", fail)
    with capture_logs() as lines:
        await stage.follow(URL)
    assert [event] == [line["event"] for line in lines]
