"""Photos of a service of ours as programs elsewhere show them: each change of one arrives there."""

import io
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from likeness.copies import Copies
from likeness.copy_pictures import CopyPictures
from likeness.elsewhere import Result, Target
from likeness.model import User
from support.pictures import jpeg, png
from support.programs import PROGRAMS, Program, fresh_email, opened
from support.studio import Studio, studio

pytestmark = pytest.mark.anyio

TARGET = "tg1"


@dataclass
class Journey:
    """A service with one target, and somebody who is in both."""

    work: Studio
    program: Program
    copies: Copies
    user: User
    remote_id: str

    async def set_photo(self, picture: bytes) -> int:
        """A new photo; gives its id."""
        self.work.clock.advance(seconds=1)
        return (await self.work.service.photos.set(await self.me(), picture, None)).photo.id

    async def me(self) -> User:
        """The person as they are now."""
        return await self.work.again(self.user)

    async def arrives(self) -> bytes | str | None:
        """Bring what is due, in one go; gives what is shown there then."""
        database, now = self.work.service.database, self.work.clock()
        [target] = database.targets()
        for copy in database.lease_copies(TARGET, now, now + timedelta(minutes=1), 20):
            result = await self.copies.bring(target, opened(self.program), copy)
            [delivery] = database.deliveries_of(TARGET, 1)
            assert result in {Result.DONE, Result.UNCHANGED}, delivery.detail
        return await self.program.shown(self.remote_id)


@pytest.fixture(params=PROGRAMS)
async def journey(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    program_of: Callable[[str], AbstractAsyncContextManager[Program]],
) -> AsyncIterator[Journey]:
    """One to each program in turn."""
    async with program_of(request.param) as program, studio(tmp_path / "data") as work:
        email = fresh_email()
        user = await work.service.people.add_user(email, "Acme")
        work.service.database.add_target(
            Target(TARGET, "elsewhere", program.kind, "http://127.0.0.1:1", work.clock())
        )
        pictures = CopyPictures(work.service.delivery.view, "https://photos.example.org")
        copies = Copies(work.service.database, pictures.pictured, work.clock)
        yield Journey(work, program, copies, user, await program.add(email))


async def test_a_photo_is_set_changed_restored_and_deleted(journey: Journey) -> None:
    first = await journey.set_photo(jpeg(600, 600, 1))
    shown = await journey.arrives()
    assert shown

    await journey.set_photo(jpeg(600, 600, 2))
    changed = await journey.arrives()
    assert changed not in {shown, None}

    await journey.work.service.photos.restore(await journey.me(), first)
    assert await journey.arrives() == shown

    await journey.work.service.photos.delete(await journey.me())
    assert await journey.arrives() is None


async def test_whoever_hides_is_shown_there_no_longer_and_comes_back(journey: Journey) -> None:
    await journey.set_photo(jpeg(600, 600, 1))
    shown = await journey.arrives()
    people = journey.work.service.people

    await people.set_listed(journey.user.email, is_listed=False)
    assert await journey.arrives() is None

    await people.set_listed(journey.user.email, is_listed=True)
    assert await journey.arrives() == shown

    await people.deactivate(journey.user.email)
    assert await journey.arrives() is None


@pytest.mark.parametrize("upload", [jpeg(1024, 900, 3), png(512, 512, 4)], ids=["jpeg", "png"])
async def test_a_picture_is_such_as_the_program_wants(journey: Journey, upload: bytes) -> None:
    wants = opened(journey.program).wants
    await journey.set_photo(upload)

    shown = await journey.arrives()

    if wants.by_url:
        assert isinstance(shown, str)
        assert shown.startswith("https://photos.example.org/")
        return
    assert isinstance(shown, bytes)
    with Image.open(io.BytesIO(shown)) as picture:
        assert picture.width == picture.height <= wants.side_px
        assert picture.format in {each.name for each in wants.formats}
    assert len(shown) <= wants.bytes_max
