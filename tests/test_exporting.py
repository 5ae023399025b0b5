"""The use case: a zip of all that is known of somebody, and the file that it is."""

import json
import os
import stat
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from likeness.errors import Mistake, ServiceUnavailable
from likeness.events import OPERATOR
from likeness.exporting import Exporting
from likeness.model import ORIGINAL, PhotoState
from likeness.scopes import SCOPES_DEFAULT
from support.pictures import jpeg, opened
from support.studio import Studio
from support.traces import leave_traces, rows, telling

pytestmark = pytest.mark.anyio

ADA = "ada@example.org"


def exporting_of(work: Studio) -> Exporting:
    """The use case, on the parts of a service."""
    service = work.service
    return Exporting(
        database=service.database,
        blobs=service.blobs,
        people=service.people,
        url=service.photos.url,
        clock=work.clock,
    )


def read(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The document of a zip, and its other files by their names."""
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files.pop("person.json")), files


async def test_every_original_that_is_kept_is_in_it(work: Studio, tmp_path: Path) -> None:
    """Byte for byte, also of a replaced photo and of one that waits for its crop."""
    photos = work.service.photos
    for seed in (1, 2, 3):
        await photos.set(await work.again(work.ada), jpeg(600, 520, seed), None)
        work.clock.advance(seconds=1)
    await photos.delete(await work.again(work.ada))
    await photos.set(await work.again(work.ada), jpeg(700, 700, 4), None)
    prepared = await photos.prepare(work.ada, jpeg(1200, 900))
    await photos.set(work.bob, jpeg(600, 600, 9), None)

    told = await exporting_of(work).export(ADA, tmp_path / "ada.zip")

    document, files = read(tmp_path / "ada.zip")
    history = {photo.id: photo for photo in await photos.history(work.ada)}
    kept = [photo for photo in history.values() if photo.state.has_files]
    assert {f"photos/{photo.id}.jpg" for photo in kept} | {prepared.staged.key} == set(files)
    for photo in kept:
        data = files[f"photos/{photo.id}.jpg"]
        assert work.service.blobs.get(photo.key(ORIGINAL)) == data
        assert (photo.width, photo.height) == opened(data).size
    assert work.service.blobs.get(prepared.staged.key) == files[prepared.staged.key]
    listed = {row["id"]: row for row in document["photos"]}
    assert set(history) == set(listed) == {row["id"] for row in told["photos"]}
    for photo in history.values():
        row = listed[photo.id]
        assert (photo.state.value, photo.source.value) == (row["state"], row["source"])
        assert photo.set_at.isoformat() == row["set_at"]
        assert photos.url(photo, ORIGINAL) == row["url"]
        assert (row["file"] is None) == (photo.state is PhotoState.DELETED)


async def test_every_row_is_in_it_and_no_secret(work: Studio, tmp_path: Path) -> None:
    """Of every table; nothing of others, and nothing by which a token could be tried."""
    marks = leave_traces(work.service.database, work.ada, 1)
    leave_traces(work.service.database, work.bob, 2)
    issued = await work.service.accounts.issue_token(ADA, SCOPES_DEFAULT, None)

    await exporting_of(work).export(ADA, tmp_path / "ada.zip")

    document, _ = read(tmp_path / "ada.zip")
    text = json.dumps(document)
    found = telling(rows(work.service.database), work.ada.id)
    tables = {name for name, _ in found} - {"users", "digests", "limits"}
    head = {"version", "exported_at", "workspace", "user"}
    assert head | tables == set(document)
    assert {name: len(document[name]) for name in tables} == {
        table: len([name for name, _ in found if name == table]) for table in tables
    }
    assert ADA == document["user"]["email"]
    assert "Acme" == document["workspace"]["name"]
    assert {ADA, "another-1@example.org"} == {row["email"] for row in document["addresses"]}
    assert {"events", "photos"} <= tables
    assert work.bob.email not in text
    assert issued.secret.reveal() not in text
    assert "digest" not in text
    assert not [mark.hex() for mark in marks if isinstance(mark, bytes) and mark.hex() in text]


async def test_the_file_is_private_and_new(work: Studio, tmp_path: Path) -> None:
    """Nobody else reads it, whatever the umask is, and nothing lies beside it."""
    folder = tmp_path / "there"
    folder.mkdir()
    before = os.umask(0)
    try:
        await exporting_of(work).export(ADA, folder / "ada.zip")
    finally:
        os.umask(before)

    assert 0o600 == stat.S_IMODE((folder / "ada.zip").stat().st_mode)
    assert ["ada.zip"] == [path.name for path in folder.iterdir()]
    with ZipFile(folder / "ada.zip") as archive:
        assert {0o600} == {entry.external_attr >> 16 for entry in archive.infolist()}


@pytest.mark.parametrize("there", ["file", "link to nothing"])
async def test_nothing_is_overwritten(work: Studio, tmp_path: Path, there: str) -> None:
    """Neither a file nor what a link leads to."""
    path = tmp_path / "ada.zip"
    if there == "file":
        path.write_text("mine")
    else:
        path.symlink_to(tmp_path / "elsewhere.zip")

    with pytest.raises(Mistake, match="there already"):
        await exporting_of(work).export(ADA, path)

    assert there != "file" or path.read_text() == "mine"
    assert not (tmp_path / "elsewhere.zip").exists()


async def test_who_is_erased_meanwhile_is_told(work: Studio, tmp_path: Path) -> None:
    """After they were found, and before anything was read: there is no file then."""
    assert work.service.database.finish_erasing(work.ada.id, work.clock(), OPERATOR)

    with pytest.raises(Mistake, match=f"{ADA} was erased or merged meanwhile"):
        exporting_of(work)._write(work.ada, tmp_path / "ada.zip")
    assert not (tmp_path / "ada.zip").exists()


async def test_a_folder_that_is_not_there_is_said(work: Studio, tmp_path: Path) -> None:
    """With the path, and why."""
    with pytest.raises(Mistake, match=r"nowhere/ada.zip cannot be written: No such file"):
        await exporting_of(work).export(ADA, tmp_path / "nowhere" / "ada.zip")


async def test_where_the_store_is_away_there_is_no_half_file(work: Studio, tmp_path: Path) -> None:
    """It can be tried again."""
    await work.service.photos.set(work.ada, jpeg(600, 600), None)
    blobs = work.service.config.data / "blobs"
    blobs.rename(blobs.with_name("away"))
    folder = tmp_path / "there"
    folder.mkdir()

    with pytest.raises(ServiceUnavailable):
        await exporting_of(work).export(ADA, folder / "ada.zip")

    assert [] == list(folder.iterdir())


async def test_a_file_that_is_lost_is_no_obstacle(work: Studio, tmp_path: Path) -> None:
    """The document says that it is not there; the rest is."""
    photo = (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo
    work.service.blobs.delete([photo.key(ORIGINAL)])

    await exporting_of(work).export(ADA, tmp_path / "ada.zip")

    document, files = read(tmp_path / "ada.zip")
    assert ({}, None) == (files, document["photos"][0]["file"])
