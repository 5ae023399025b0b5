"""Imports by upload: kept in pieces, worked on beside all else, and gone on with."""

import asyncio
import io
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from likeness.app.importing import undoing_of, uploading_of
from likeness.errors import Mistake, ServiceUnavailable
from likeness.imports import uploading
from likeness.imports.matching import Match
from likeness.imports.uploading import LIFE, Draft, Uploading, Wishes, actor_of
from likeness.model import Team
from likeness.precedence import Policy
from likeness.uploads import Kind, Stage, Upload
from support.pictures import jpeg
from support.studio import Studio

pytestmark = pytest.mark.anyio


def photos(*names: str) -> bytes:
    """A zip with a photo for each."""
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for seed, name in enumerate(names):
            archive.writestr(f"{name}@example.org.jpg", jpeg(600, 600, seed))
    return packed.getvalue()


async def kept(
    work: Studio, made: Uploading, data: bytes, name: str = "a.zip", **wishes: Any
) -> tuple[Team, Upload]:
    """An uploaded file, of which nothing is planned yet."""
    team = await work.service.people.team()
    kind = Kind.PHOTOS if name.endswith("zip") else Kind.PEOPLE
    async with made.receiving(team, name, kind) as draft:
        await draft.write(data)
        upload = await made.keep(draft, work.ada, name, kind, Wishes(**wishes))
    return team, upload


async def worked(made: Uploading, team: Team, upload: Upload, work: Studio, stage: Stage) -> Upload:
    """The upload after a stage."""
    assert await made.begin(team, upload, actor_of(upload, work.ada, ""), stage)
    await made.idle()
    after = await made.upload(team, upload.id)
    assert after
    return after


def test_wishes_are_kept_as_they_are() -> None:
    """Also the unusual ones."""
    wishes = Wishes((Match.ID,), Policy.NEWER, opens_locks=True, deactivates=True, force=True)

    assert Wishes.of(wishes.text()) == wishes
    assert Wishes.of(Wishes().text()) == Wishes()


async def test_a_file_is_kept_in_pieces(work: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of which one is in memory."""
    monkeypatch.setattr(uploading, "PIECE_LENGTH", 10)
    draft = Draft(work.service.blobs, 100)
    for _ in range(5):
        await draft.write(b"123456789")
    await draft.end()

    assert (draft.pieces, draft.length, len(work.files())) == (5, 45, 5)
    with pytest.raises(Mistake, match="more than 100 bytes"):
        await draft.write(b"x" * 60)
    await draft.drop()
    assert work.files() == []


async def test_a_file_that_was_not_kept_is_dropped(work: Studio) -> None:
    """Whatever ended it."""
    made = uploading_of(work.service)
    team = await work.service.people.team()

    async def fail(name: str, kind: Kind) -> None:
        async with made.receiving(team, name, kind) as draft:
            await draft.write(b"x" * 100)
            await draft.end()
            raise ValueError("so")

    with pytest.raises(ValueError, match="so"):
        await fail("a.zip", Kind.PHOTOS)
    assert work.files() == []
    with pytest.raises(Mistake, match="people come from files"):
        await fail("a.zip", Kind.PEOPLE)


async def test_an_import_that_was_stopped_ends_as_if_it_had_not(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another process, in the same batch, so that all of it is taken back at once."""
    names = [f"p{number}" for number in range(4)]
    for name in names:
        await work.service.people.add_user(f"{name}@example.org")
    first, second = uploading_of(work.service), uploading_of(work.service)
    team, upload = await kept(work, first, photos(*names))
    planned = await worked(first, team, upload, work, Stage.PLANNING)
    assert (planned.stage, dict(planned.counts), planned.rows_total) == (
        *(Stage.PLANNED, {"new": 4}, 4),
    )
    third = asyncio.Event()
    offer, offered = work.service.offers.offer, list[Any]()

    async def slow(*words: Any) -> Any:
        if len(offered) == 2:
            third.set()
            await asyncio.Event().wait()
        offered.append(words)
        return await offer(*words)

    by = actor_of(upload, work.ada, "")
    with monkeypatch.context() as patched:
        patched.setattr(work.service.offers, "offer", slow)
        assert await first.begin(team, upload, by, Stage.APPLYING)
        await third.wait()
        await first.close()
    halted = await second.upload(team, upload.id)
    assert halted
    assert (halted.stage, second.is_stopped(halted)) == (Stage.APPLYING, False)
    assert not await second.begin(team, halted, by, Stage.APPLYING)
    work.clock.advance(seconds=60)
    assert second.is_stopped(halted)

    done = await worked(second, team, halted, work, Stage.APPLYING)
    assert done.stage is Stage.DONE
    assert sum(done.counts.values()) == 4
    assert done.counts["unchanged"] >= 1
    users = [await work.service.people.find(f"{name}@example.org") for name in names]
    assert all(user.photo and user.photo.batch_id == upload.id for user in users)
    undone = await undoing_of(work.service).undo(upload.id, by)
    assert undone.put_back == 4


async def test_a_store_that_is_away_fails_the_work_and_no_more(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be planned again."""
    made = uploading_of(work.service)
    team, upload = await kept(work, made, photos("bob"))

    def away(key: str) -> bytes | None:
        raise ServiceUnavailable("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(work.service.blobs, "get", away)
        failed = await worked(made, team, upload, work, Stage.PLANNING)
    assert (failed.stage, failed.note) == (Stage.FAILED, "the store is away")
    assert (await worked(made, team, failed, work, Stage.PLANNING)).stage is Stage.PLANNED


async def test_what_fails_unforeseen_is_in_the_log(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody waits for its end."""
    made = uploading_of(work.service)
    team, upload = await kept(work, made, photos("bob"))

    def broken(*_: Any) -> None:
        raise RuntimeError("so")

    monkeypatch.setattr(made, "_put_together", broken)
    assert "log" in (await worked(made, team, upload, work, Stage.PLANNING)).note


async def test_where_nothing_can_be_noted_the_work_counts_as_stopped(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And goes on by hand."""
    made = uploading_of(work.service)
    team, upload = await kept(work, made, photos("bob"))

    def away(blobs: Mapping[str, bytes]) -> None:
        raise ServiceUnavailable("full")

    monkeypatch.setattr(work.service.blobs, "put", away)
    after = await worked(made, team, upload, work, Stage.PLANNING)
    work.clock.advance(seconds=60)

    assert made.is_stopped(after)


async def test_a_file_whose_pieces_are_gone_says_so(work: Studio) -> None:
    """It is to be uploaded again."""
    made = uploading_of(work.service)
    team, upload = await kept(work, made, photos("bob"))
    work.service.blobs.delete(upload.piece_keys)

    assert "upload it again" in (await worked(made, team, upload, work, Stage.PLANNING)).note


async def test_one_that_is_discarded_while_it_is_worked_on_leaves_nothing(
    work: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its file nor a report."""
    made = uploading_of(work.service)
    team, upload = await kept(work, made, photos("bob"))
    plan = made._photos.plan

    async def discarding(*words: Any) -> None:
        await plan(*words)
        await made.discard(upload)

    monkeypatch.setattr(made._photos, "plan", discarding)
    assert await made.begin(team, upload, actor_of(upload, work.ada, ""), Stage.PLANNING)
    await made.idle()

    assert work.files() == []
    assert await made.uploads(team) == []


async def test_work_says_how_far_it_is(work: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Again and again, so that nobody takes it for stopped; an outage meanwhile does no harm."""
    monkeypatch.setattr(uploading, "BEAT_S", 0.01)
    made = uploading_of(work.service)
    team, upload = await kept(work, made, photos("bob"))
    note, noted = work.service.database.note_upload, asyncio.Event()
    loop, calls = asyncio.get_running_loop(), []

    def noting(upload_id: str, **values: Any) -> None:
        calls.append(values)
        if len(calls) == 1:
            raise ServiceUnavailable("away")
        note(upload_id, **values)
        loop.call_soon_threadsafe(noted.set)

    async def slow(*_: Any) -> None:
        await noted.wait()

    monkeypatch.setattr(work.service.database, "note_upload", noting)
    monkeypatch.setattr(made._photos, "plan", slow)
    after = await worked(made, team, upload, work, Stage.PLANNING)

    assert after.beat_at == work.clock.now
    assert calls[1]["rows_total"] == 1


async def test_what_a_killed_process_left_is_removed(work: Studio) -> None:
    """Its folder, once nobody can be using it."""
    made, data = uploading_of(work.service), work.service.config.data
    old, new = data / "import-old", data / "import-new"
    for folder in (old, new):
        folder.mkdir()
    then = time.time() - LIFE.total_seconds() - 60
    os.utime(old, (then, then))
    team, upload = await kept(work, made, photos("bob"))
    await worked(made, team, upload, work, Stage.PLANNING)

    assert sorted(path.name for path in Path(data).glob("import-*")) == ["import-new"]
