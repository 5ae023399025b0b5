"""What every database must do for uploaded files of imports."""

from dataclasses import replace

from likeness.db import Database
from likeness.events import OPERATOR
from likeness.uploads import Kind, Stage, Upload
from support.rows import at, team, user


def upload(number: int = 1) -> Upload:
    """A file of `user()`."""
    return Upload(
        id=f"{number:08x}",
        team_id=team().id,
        user_id=user().id,
        name="photos.zip",
        kind=Kind.PHOTOS,
        wishes="{}",
        key=f"{number:032x}",
        pieces=2,
        length=5 * 2**30,
        created_at=at(number),
        expires_at=at(100 + number),
        beat_at=at(0),
    )


def test_files_are_kept_until_their_time_is_over(peopled: Database) -> None:
    """Newest first, of one team."""
    peopled.add_team(team(2))
    for number in (1, 2):
        peopled.add_upload(upload(number))

    assert peopled.uploads_of(team().id) == [upload(2), upload(1)]
    assert peopled.count_uploads(team().id) == 2
    assert peopled.upload(team().id, upload().id) == upload()
    assert peopled.upload(team(2).id, upload().id) is None
    assert peopled.expired_uploads(at(101)) == [upload(1)]
    peopled.remove_uploads([upload(1).id])
    assert peopled.uploads_of(team().id) == [upload(2)]


def test_one_alone_works_on_a_file(peopled: Database) -> None:
    """Whoever came first, until nothing is heard of it any more."""
    peopled.add_upload(replace(upload(), stage=Stage.PLANNED, rows_done=7, note="so"))

    def claim(seconds: float, stale: float) -> bool:
        moments = at(seconds), at(stale)
        return peopled.claim_upload(upload().id, Stage.PLANNED, Stage.APPLYING, *moments)

    assert claim(50, 20)
    assert not claim(60, 30)
    kept = peopled.upload(team().id, upload().id)
    assert kept
    assert (kept.stage, kept.beat_at, kept.rows_done, kept.note) == (
        *(Stage.APPLYING, at(50), 0, ""),
    )
    assert claim(90, 60)


def test_how_far_it_is_is_noted(peopled: Database) -> None:
    """By whatever columns are said."""
    peopled.add_upload(upload())
    counts = {"new": 3, "locked": 1}
    peopled.note_upload(upload().id, stage="done", counts=counts, report="staged/a.report")
    kept = peopled.upload(team().id, upload().id)

    assert kept == replace(upload(), stage=Stage.DONE, counts=counts, report="staged/a.report")
    assert kept.keys == [
        *(f"staged/{upload().key}000{number}.part" for number in (0, 1)),
        "staged/a.report",
    ]


def test_files_of_who_was_merged_are_those_of_the_other(peopled: Database) -> None:
    """And end with who was erased."""
    peopled.add_upload(upload())
    peopled.merge_users(user().id, user(2).id, at(1), OPERATOR)
    [kept] = peopled.uploads_of(team().id)

    assert kept.user_id == user(2).id
    peopled.begin_erasing(user(2).id, at(2), OPERATOR)
    assert peopled.finish_erasing(user(2).id, at(2), OPERATOR)
    assert peopled.uploads_of(team().id) == []
