"""Imports by upload on the page, without scripts: plan, apply, report, take back."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from likeness.imports import uploading
from likeness.imports.uploading import LIFE, STALE_AFTER, Uploading
from likeness.site.admin import imports
from likeness.site.admin.imports import IMPORTS_PATH, REFRESH_S
from likeness.uploads import Stage
from support.browser import Visitor, visitor
from support.pictures import jpeg

pytestmark = pytest.mark.anyio


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> list[Uploading]:
    """What works on the imports of a service that is built from now on."""
    made: list[Uploading] = []
    begin = Uploading.__init__

    def noted(self: Uploading, **parts: Any) -> None:
        begin(self, **parts)
        made.append(self)

    monkeypatch.setattr(Uploading, "__init__", noted)
    return made


def photos() -> bytes:
    """A photo for Bob, one for nobody, and one that is none."""
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("bob@example.org.jpg", jpeg(600, 600))
        archive.writestr("stranger@example.org.jpg", jpeg(600, 600))
        archive.writestr("=cmd@example.org.jpg", b"no picture")
    return packed.getvalue()


async def send(
    browser: Visitor, name: str, data: bytes, token: str, **fields: str
) -> httpx.Response:
    """Send the form of the list with a file."""
    files = {"upload": (name, data)}
    form = {"token": token, **fields}
    return await browser.client.post(IMPORTS_PATH, data=form, files=files, headers=browser.headers)


async def test_photos_are_planned_applied_and_taken_back(
    works: list[Uploading], tmp_path: Path
) -> None:
    """The report has every row; the log says who did it, by which import."""
    async with visitor(tmp_path) as browser:
        work, token = browser.work, await browser.administer()
        answer = await send(browser, "photos.zip", photos(), token, kind="photos")
        assert answer.status_code == 303, answer.text
        path = answer.headers["location"]
        await works[-1].idle()
        plan = (await browser.get(path)).text
        listed = (await browser.get(IMPORTS_PATH)).text
        assert "Nothing is changed yet" in plan
        assert "<strong>1</strong> new" in plan
        assert "nobody has this address" in plan
        assert (await work.again(work.bob)).photo is None
        assert f'href="{path}"' in listed

        await browser.post(path, token=token, action="apply")
        await works[-1].idle()
        done = await browser.get(path)
        bob = await work.again(work.bob)
        report = await browser.get(f"{path}/report.csv")
        rows = list(csv.DictReader(io.StringIO(report.text)))
        [event] = work.service.database.events(limit=1, user_id=bob.id)
        assert "Done." in done.text
        assert "refresh" not in done.headers
        assert bob.photo
        assert bob.photo.batch_id == path.rpartition("/")[2]
        assert (event.actor, event.source, event.origin) == (work.ada.id, "import", "192.0.2.0/24")
        assert [row["outcome"] for row in rows] == ["new", "unknown person", "unknown person"]
        assert rows[2]["key"].startswith("'=cmd")

        undone = (await browser.post(path, token=token, action="undo")).text
        assert "1 put back" in undone
        assert (await work.again(work.bob)).photo is None
        again = (await browser.get(path)).text
        assert "Take the photos back" not in again

        discarded = await browser.post(path, token=token, action="discard")
        assert discarded.headers["location"] == IMPORTS_PATH
        assert "This import was taken back" in (await browser.get(path)).text
        assert "Taken back" in (await browser.get(IMPORTS_PATH)).text
        assert not [name for name in work.files() if name.startswith("staged/")]
        assert (await browser.get(f"{path}/report.csv")).status_code == 403


async def test_people_are_planned_and_applied(works: list[Uploading], tmp_path: Path) -> None:
    """Names that are markup are names; who is missing leaves if that is said, and not by far."""
    table = b"email,name\nada@example.org,Ada\nnew@example.org,<b>New</b>\nbad,\n"
    async with visitor(tmp_path) as browser:
        work, token = browser.work, await browser.administer()
        answer = await send(
            browser, "people.csv", table, token, kind="people", deactivate="yes", match="id"
        )
        path = answer.headers["location"]
        await works[-1].idle()
        plan = (await browser.get(path)).text
        assert "Some rows could not be read, so that nobody knows who is missing" in plan
        assert "<strong>1</strong> deactivated" in plan
        await browser.post(path, token=token, action="apply")
        await works[-1].idle()
        failed = (await browser.get(path)).text
        assert "That did not work" in failed
        assert (await work.again(work.bob)).deleted_at is None

        answer = await send(
            browser, "people.csv", table, token, kind="people", deactivate="yes", force="yes"
        )
        path = answer.headers["location"]
        await works[-1].idle()
        await browser.post(path, token=token, action="apply")
        await works[-1].idle()
        done = (await browser.get(path)).text
        assert "Done." in done
        assert "Take the photos back" not in done
        assert (await work.again(work.bob)).deleted_at
        new = await work.service.people.find("new@example.org")
        [event] = work.service.database.events(limit=1, user_id=new.id)
        assert (event.verb, event.actor) == ("user.added", work.ada.id)
        assert "&lt;b&gt;New&lt;/b&gt;" in (await browser.get("/people")).text


async def test_work_that_was_stopped_goes_on(works: list[Uploading], tmp_path: Path) -> None:
    """A page of work looks again by itself; after a restart it says so, and ends the same."""
    async with visitor(tmp_path) as browser:
        work, token = browser.work, await browser.administer()
        path = (await send(browser, "photos.zip", photos(), token)).headers["location"]
        await works[-1].idle()
        database, upload_id = work.service.database, path.rpartition("/")[2]
        now = work.clock.now
        assert database.claim_upload(upload_id, Stage.PLANNED, Stage.APPLYING, now, now)
        working = await browser.get(path)
        assert working.headers["refresh"] == str(REFRESH_S)
        assert "Being applied" in working.text
        assert "action" not in working.text.partition("<main")[2]
        await browser.post(path, token=token, action="apply")
        assert not works[-1]._tasks

        work.clock.advance(seconds=STALE_AFTER.total_seconds() + 1)
        stopped = await browser.get(path)
        assert "stopped in the middle" in stopped.text
        assert "refresh" not in stopped.headers
        await browser.post(path, token=token, action="go-on")
        await works[-1].idle()
        assert (await work.again(work.bob)).photo
        assert "Done." in (await browser.get(path)).text


async def test_a_file_that_cannot_be_read_says_why(works: list[Uploading], tmp_path: Path) -> None:
    """And may be planned again."""
    async with visitor(tmp_path) as browser:
        token = await browser.administer()
        path = (await send(browser, "photos.zip", b"no zip", token)).headers["location"]
        await works[-1].idle()
        page = (await browser.get(path)).text
        await browser.post(path, token=token, action="plan")
        await works[-1].idle()

        assert "That did not work" in page
        assert "The file is no zip" in page
        assert "That did not work" in (await browser.get(path)).text


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("photos.rar", b"x", "whose names end with one of"),
        ("", b"", "Choose a file first"),
        ("photos.zip", b"x" * (2**20 + 1), "has more than 1,048,576 bytes"),
    ],
)
async def test_a_file_that_is_not_taken_leaves_nothing(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    """The page says what is wrong with it."""
    async with visitor(tmp_path, import_bytes_max=str(2**20)) as browser:
        token = await browser.administer()
        answer = await send(browser, name, data, token, policy="odd")

        assert answer.status_code == 400
        assert said in answer.text
        assert browser.work.files() == []


async def test_a_process_receives_a_bounded_number_of_files_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are told to come again; whatever became of one, its place is free afterwards."""
    monkeypatch.setattr(imports, "RECEIVED_AT_ONCE", 1)
    async with visitor(tmp_path) as browser:
        token = await browser.administer()
        meanwhile: list[httpx.Response] = []

        async def form() -> AsyncIterator[bytes]:
            yield b"--b\r\n"
            meanwhile.append(await send(browser, "photos.rar", b"x", token))
            yield b"--b--\r\n"

        headers = {**browser.headers, "Content-Type": "multipart/form-data; boundary=b"}
        first = await browser.client.post(IMPORTS_PATH, content=form(), headers=headers)
        after = await send(browser, "photos.rar", b"x", token)

    assert [each.status_code for each in (first, *meanwhile, after)] == [400, 503, 400]
    assert "try again in a minute" in meanwhile[0].text


async def test_a_workspace_has_a_bounded_number_of_files(
    works: list[Uploading], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which end by themselves."""
    monkeypatch.setattr(uploading, "UPLOADS_MAX", 1)
    async with visitor(tmp_path) as browser:
        work, token = browser.work, await browser.administer()
        await send(browser, "photos.zip", photos(), token)
        await works[-1].idle()
        second = await send(browser, "photos.zip", photos(), token)
        work.clock.advance(seconds=(LIFE + timedelta(seconds=1)).total_seconds())
        await work.service.sweeper.sweep(orphans=False)

        assert "discard one of them first" in second.text
        assert work.service.database.uploads_of(work.ada.team_id) == []
        assert work.files() == []


async def test_whoever_is_erased_is_in_no_file(works: list[Uploading], tmp_path: Path) -> None:
    """Of their workspace none is kept."""
    async with visitor(tmp_path) as browser:
        work, token = browser.work, await browser.administer()
        await send(browser, "photos.zip", photos(), token)
        await works[-1].idle()
        service = work.service
        from likeness.erasing import Erasing  # noqa: PLC0415 - For this test alone.
        from likeness.events import OPERATOR  # noqa: PLC0415 - See above.

        erasing = Erasing(
            database=service.database,
            blobs=service.blobs,
            people=service.people,
            writer=service.writer,
            clock=service.clock,
        )
        await erasing.erase(work.bob, OPERATOR)

        assert work.files() == []
        assert service.database.uploads_of(work.ada.team_id) == []


async def test_nobody_else_imports_or_sees_one(works: list[Uploading], tmp_path: Path) -> None:
    """Neither without a session, nor without the right, nor of another workspace, nor forged."""
    async with visitor(tmp_path) as browser:
        work = browser.work
        nobody = await send(browser, "photos.zip", photos(), "forged")
        pages = [await browser.get(IMPORTS_PATH), await browser.get(f"{IMPORTS_PATH}/0badcafe")]
        reports = await browser.get(f"{IMPORTS_PATH}/0badcafe/report.csv")
        changed = await browser.post(f"{IMPORTS_PATH}/0badcafe", token="x", action="apply")
        await browser.sign_in()
        other = await send(browser, "photos.zip", photos(), await browser.token())
        theirs = await browser.get(IMPORTS_PATH)
        token = await browser.administer()
        path = (await send(browser, "photos.zip", photos(), token)).headers["location"]
        await works[-1].idle()
        forged = await send(browser, "photos.zip", photos(), "forged")
        await work.service.people.add_team("Other")
        stranger = await work.service.people.add_user("x@example.org", "Other")
        await work.service.people.set_admin("x@example.org", "Other", is_admin=True)
        await browser.sign_in(await work.again(stranger))
        unknown = [await browser.get(path), await browser.get(f"{path}/report.csv")]
        unknown.append(await browser.get(f"{IMPORTS_PATH}/..%2f"))
        token = await browser.token()
        unknown.append(await browser.post(path, token=token, action="apply"))
        browser.headers["Origin"] = "http://elsewhere.invalid"
        strange = await send(browser, "photos.zip", photos(), token)

    assert ["Ask whoever runs" in page.text for page in [*pages, reports, nobody, changed]] == [
        True
    ] * 5
    refused = [nobody, changed, other, theirs, forged, strange]
    assert [each.status_code for each in refused] == [403] * 6
    assert [each.status_code for each in unknown if each.status_code != 404] == [403] * len(
        [each for each in unknown if each.status_code != 404]
    )
