"""Verbs for photos and sweeping."""

from pathlib import Path

import pytest
from PIL import Image

from likeness.cli.pictures import _remade
from likeness.errors import Mistake, NotFound
from likeness.upkeep.remaking import Outcome, RemakeReport
from support.commands import CommandLine, over_copy, with_ada
from support.pictures import encode, jpeg, opened
from support.rows import photo


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line over an installation with one person."""
    return over_copy(with_ada, tmp_path / "data")


def stored(cli: CommandLine, url: str) -> bytes:
    """The file behind the URL of a rendition."""
    return (cli.data / "blobs" / "avatars" / url.partition("/avatars/")[2]).read_bytes()


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Two photographs on disk."""
    paths = [tmp_path / "one.jpg", tmp_path / "two.jpg"]
    for seed, path in enumerate(paths):
        path.write_bytes(jpeg(600, 540, seed))
    return paths


def test_a_photo_is_set_replaced_listed_and_restored(cli: CommandLine, photos: list[Path]) -> None:
    """The history counts from the newest, and restore makes an old one current."""
    first = cli.json("photo", "set", "ada@example.org", str(photos[0]))
    cli.json("photo", "set", "ada@example.org", str(photos[1]), "--crop", "0,0,512")

    before = cli.json("photo", "history", "ada@example.org")
    restored = cli.json("photo", "restore", "ada@example.org", "2")

    assert [row["state"] for row in before] == ["current", "replaced"]
    assert restored["photo"] == first["photo"]


def test_a_big_photo_is_scaled_down_and_cut_where_it_was_said(
    cli: CommandLine, tmp_path: Path
) -> None:
    """The box is in pixels of the file, whatever becomes of it."""
    big = Image.new("RGB", (5000, 3000), "white")
    big.paste("red", (3000, 1000, 4000, 2000))
    path = tmp_path / "big.png"
    path.write_bytes(encode(big, "PNG"))

    made = cli.json("photo", "set", "ada@example.org", str(path), "--crop", "3000,1000,1000")

    square = opened(stored(cli, made["photo"]["image_512"])).convert("RGB")
    assert square.size == (512, 512)
    assert [square.getpixel(at) for at in ((3, 3), (508, 508))] == [(255, 0, 0)] * 2


def test_a_small_photo_is_refused_with_the_way_out(cli: CommandLine, tmp_path: Path) -> None:
    """A directory has thumbnails of 96 pixels, and an administrator may want them."""
    path = tmp_path / "small.jpg"
    path.write_bytes(jpeg(96, 96))

    refused = cli.run("photo", "set", "ada@example.org", str(path))
    settings = {"LIKENESS_IMAGE_SIDE_MIN": "48"}
    taken = cli.run("photo", "set", "ada@example.org", str(path), settings=settings)

    assert isinstance(refused.exception, Mistake)
    assert "96x96" in str(refused.exception)
    assert "LIKENESS_IMAGE_SIDE_MIN" in str(refused.exception)
    assert taken.exit_code == 0


def test_what_was_changed_is_told_beside_the_answer(cli: CommandLine, photos: list[Path]) -> None:
    """On standard error, since programs read the other."""
    result = cli.run("photo", "set", "ada@example.org", str(photos[0]), "--crop", "200,0,540")

    assert "note: crop box reached beyond" in result.stderr
    assert "note" not in result.stdout


def test_a_removed_photo_cannot_be_restored(cli: CommandLine, photos: list[Path]) -> None:
    """Its files are gone, and the refusal says so."""
    cli.json("photo", "set", "ada@example.org", str(photos[0]))
    cli.json("photo", "remove", "ada@example.org")

    result = cli.run("photo", "restore", "ada@example.org", "1")

    assert isinstance(result.exception, NotFound)
    assert cli.json("photo", "history", "ada@example.org")[0]["state"] == "deleted"
    assert [path for path in (cli.data / "blobs").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(("options", "left"), [([], 1), (["--all"], 0)])
def test_removing_leaves_earlier_photos_unless_all_are_meant(
    cli: CommandLine, photos: list[Path], options: list[str], left: int
) -> None:
    """Those of other uploads."""
    for path in photos:
        cli.json("photo", "set", "ada@example.org", str(path))

    cli.json("photo", "remove", "ada@example.org", *options)

    states = [row["state"] for row in cli.json("photo", "history", "ada@example.org")]
    assert left == states.count("replaced")
    assert 2 - left == states.count("deleted")


def test_a_number_that_is_not_in_the_history_is_refused(cli: CommandLine) -> None:
    """The message says how many there are."""
    result = cli.run("photo", "restore", "ada@example.org", "3")

    assert isinstance(result.exception, Mistake)
    assert "0 photos" in str(result.exception)


def test_a_file_that_is_no_picture_is_refused_and_changes_nothing(
    cli: CommandLine, tmp_path: Path
) -> None:
    """The refusal is that of the API, with the file that it is about."""
    text = tmp_path / "notes.txt"
    text.write_text("milk, bread")

    result = cli.run("photo", "set", "ada@example.org", str(text))

    assert isinstance(result.exception, Mistake)
    assert str(result.exception).startswith(f"{text}: image holds text")
    assert cli.json("photo", "history", "ada@example.org") == []


@pytest.mark.parametrize("crop", ["1,2", "1,2,x", "1,2,3,4", "-1,2,3"])
def test_a_crop_is_three_numbers(cli: CommandLine, photos: list[Path], crop: str) -> None:
    """Anything else is wrong usage, exit code 2."""
    result = cli.run("photo", "set", "ada@example.org", str(photos[0]), f"--crop={crop}")

    assert result.exit_code == 2


def test_a_sweep_of_a_tidy_installation_removes_nothing(
    cli: CommandLine, photos: list[Path]
) -> None:
    """Dry or real, what is referenced stays."""
    cli.json("photo", "set", "ada@example.org", str(photos[0]))

    dry = cli.json("sweep", "--dry-run")
    real = cli.json("sweep")

    nothing = {"photos": 0, "prepared": 0, "orphans": 0, "bytes_freed": 0}
    assert dry == nothing | {"dry_run": True}
    assert real == nothing | {"dry_run": False}
    assert "removed 0 photos" in cli.run("sweep").output


def test_photos_of_before_are_remade(cli: CommandLine, photos: list[Path]) -> None:
    """In words and as a document; those that are new have nothing missing."""
    cli.json("photo", "set", "ada@example.org", str(photos[0]))

    told = cli.run("photo", "remake")

    assert told.output == "made the largest size of 0 photos; 1 have all of theirs\n"
    assert cli.json("photo", "remake") == {
        "complete": 1,
        "remade": 0,
        "cut": 0,
        "broken": 0,
        "cut_photos": [],
        "broken_photos": [],
    }


def test_photos_that_cannot_be_remade_are_told() -> None:
    """How many were cut, and which have lost files."""
    report = RemakeReport()
    for number, outcome in enumerate((Outcome.CUT, Outcome.BROKEN, Outcome.BROKEN)):
        report.add(photo(id=number), outcome)

    _, cut, broken = _remade(report)

    assert cut.startswith("1 were cut by a version that did not note where")
    assert broken.startswith("2 have files that are lost or broken")
    assert broken.endswith(": 1, 2")
