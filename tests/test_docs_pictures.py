"""Each line of the table in docs/pictures.md is done: a picture of that kind is sent and looked at.

The words in its columns are names of checks; a word without a check is a mistake in the table.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image, ImageSequence

from likeness.imaging.probe import probe
from likeness.model import STILL
from support import web
from support.apng import DELAY_MS
from support.docs import page
from support.live import LiveServer, Person, add_person
from support.pictures import opened
from support.sight import distance_de
from support.uploads import UPLOADS, Upload

PAGE: Final = "docs/pictures.md"
MARK: Final = "<!-- what is made of each upload -->\n"
NOTHING: Final = "-"
REFUSED: Final = "nothing"

STILL_DE_MAX: Final = 2.0
MOVING_DE_MAX: Final = 3.0
"""What the page says. People notice 2.3 side by side, and in motion more than that."""

ALPHA_APART_MAX: Final = 3
"""Of 255: what a lossy coding does to alpha."""

ALPHA_WRONG_SHARE_MAX: Final = 0.02
"""Pixels about half clear, which may be rounded up or down."""

LEVELS_APART_MIN: Final = 1.0
"""Of 255 in the mean, between numbers before and after they were brought to sRGB."""

NOISE_LEVELS_MAX: Final = 2.0
"""Of 255, what a JPEG may do to a line of pixels of one shade."""

GIF_COLOURS_MAX: Final = 256
EIGHT_BIT_MODES: Final = frozenset({"L", "P", "RGB", "RGBA"})
COLOUR_MARKS: Final = frozenset({"icc_profile", "gamma", "chromaticity"})
OPAQUE: Final = 255

Levels = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Row:
    """A line of the table: the words of its columns."""

    kept: str
    changed: str
    said: str
    stored_as: str


@dataclass(frozen=True)
class Stored:
    """The original that was stored of an upload, and the address of a small size."""

    upload: Upload
    picture: Image.Image
    small_url: str

    @property
    def frames(self) -> list[Image.Image]:
        """All of them, with alpha."""
        return [frame.convert("RGBA") for frame in ImageSequence.Iterator(self.picture)]

    @property
    def pairs(self) -> list[tuple[Image.Image, Image.Image]]:
        """Each frame before and after, with alpha."""
        before = [frame.convert("RGBA") for frame in self.upload.frames]
        return list(zip(before, self.frames, strict=True))


def table() -> dict[str, Row]:
    """The lines by what was uploaded."""
    lines = page(PAGE).partition(MARK)[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: Row(*others) for first, *others in cells}


ROWS: Final = table()


def levels(picture: Image.Image) -> Levels:
    """Its numbers, with alpha."""
    return np.asarray(picture.convert("RGBA")).astype(int)


def alphas(picture: Image.Image) -> Levels:
    """How opaque each pixel is."""
    alpha: Levels = levels(picture)[..., 3]
    return alpha


def is_alike(stored: Stored) -> bool:
    """People see the same."""
    de_max = STILL_DE_MAX if len(stored.pairs) == 1 else MOVING_DE_MAX
    return all(distance_de(*pair)[0] < de_max for pair in stored.pairs)


def seen(picture: Image.Image) -> Levels:
    """Its numbers; what is wholly clear has no colour."""
    numbers = levels(picture)
    shown: Levels = np.where(numbers[..., 3:] > 0, numbers, 0)
    return shown


def is_equal(stored: Stored) -> bool:
    """The same numbers."""
    return all(np.array_equal(seen(before), seen(after)) for before, after in stored.pairs)


def has_soft_alpha(stored: Stored) -> bool:
    """As it was, with values between clear and opaque."""
    return all(
        np.abs(alphas(before) - alphas(after)).max() <= ALPHA_APART_MAX
        and len(np.unique(alphas(after))) > 2
        for before, after in stored.pairs
    )


def has_clear_parts(stored: Stored) -> bool:
    """The same ones, and nothing between clear and opaque."""
    return all(
        np.array_equal(alphas(before), alphas(after)) and {0, OPAQUE} == {*np.unique(alphas(after))}
        for before, after in stored.pairs
    )


def has_delays(stored: Stored) -> bool:
    """Each frame is shown as long as before, and all of it for ever."""
    shown = [frame.info["duration"] for frame in ImageSequence.Iterator(stored.picture)]
    return set(shown) == {DELAY_MS} and stored.picture.info.get("loop") == 0


def has_order(stored: Stored) -> bool:
    """What was lighter in a ramp of all shades is so still, but for the noise of a JPEG."""
    shades = levels(stored.picture.convert("L"))[..., 0].mean(axis=0)
    rises = np.diff(shades).min() > -NOISE_LEVELS_MAX
    return bool(rises and shades[-1] - shades[0] > OPAQUE / 2)


def has_other_numbers(stored: Stored, before: Image.Image) -> bool:
    """Than those that came, and nothing is said of what they mean."""
    apart = np.abs(levels(before)[..., :3] - levels(stored.picture)[..., :3]).mean()
    return not COLOUR_MARKS & stored.picture.info.keys() and apart > LEVELS_APART_MIN


def is_turned(stored: Stored) -> bool:
    """The upload lies, and what is stored does not."""
    return probe(stored.upload.data).orientation != 1 and not stored.picture.getexif()


def colours(picture: Image.Image) -> int:
    """How many there are."""
    return len(np.unique(seen(picture).reshape(-1, 4), axis=0))


def has_fewer_colours(stored: Stored) -> bool:
    """As many as a palette has, of more. Later frames also show what earlier ones left behind."""
    before, after = stored.pairs[0]
    return colours(before) > GIF_COLOURS_MAX >= colours(after)


def is_hardened(stored: Stored) -> bool:
    """What was more than half opaque is so, the rest is clear."""
    return all(
        np.isin(alphas(after), (0, OPAQUE)).all()
        and ((alphas(before) > OPAQUE / 2) != (alphas(after) > 0)).mean() < ALPHA_WRONG_SHARE_MAX
        for before, after in stored.pairs
    )


CHECKS: Final[dict[str, Callable[[Stored], bool]]] = {
    "the picture": is_alike,
    "every pixel": is_equal,
    "soft alpha": has_soft_alpha,
    "clear parts": has_clear_parts,
    "every frame": lambda stored: len(stored.pairs) > 1,
    "every whole frame": lambda stored: len(stored.pairs) > 1,
    "delays": has_delays,
    "the order of light and dark": has_order,
    "colours to sRGB": lambda stored: has_other_numbers(stored, opened(stored.upload.data)),
    "laid upright": is_turned,
    "8 bits a channel": lambda stored: stored.picture.mode in EIGHT_BIT_MODES,
    "light to that of any screen": lambda stored: has_other_numbers(
        stored, stored.upload.frames[0]
    ),
    "256 colours a frame": has_fewer_colours,
    "palette chosen anew": lambda stored: not is_equal(stored),
    "soft alpha to clear or opaque": is_hardened,
    "motion is left out": lambda stored: len(stored.frames) == 1,
}
"""What the words of the columns "kept" and "changed" mean of an upload and its original."""


def form_of(stored: Stored) -> str:
    """In words of the last column; the still PNG beside an animation is looked at."""
    is_clear = any(alphas(frame).min() < OPAQUE for frame in stored.frames)
    form = f"{stored.picture.format}{' with alpha' * is_clear}"
    if len(stored.frames) == 1:
        # A GIF may have a clear colour that no pixel has; a PNG costs more by such alpha.
        assert stored.picture.format == "GIF" or stored.picture.has_transparency_data == is_clear
        return form
    still = re.sub(r"_(\d+)\.gif$", rf"_\1{STILL}.png", stored.small_url)
    assert opened(web.get(still).content).format == "PNG"
    return f"{form}, and still PNGs"


def words(cell: str) -> list[str]:
    """The names of checks in a cell."""
    return [] if cell == NOTHING else cell.split(", ")


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A service that takes pictures of a few pixels."""
    settings = {"RATE_LIMITS": "off", "IMAGE_SIDE_MIN": "1"}
    with LiveServer(tmp_path_factory.mktemp("service") / "data", settings) as live:
        yield live


@pytest.fixture(scope="module")
def sender(lenient: LiveServer) -> Person:
    """Somebody whose photo is set again and again."""
    return add_person(lenient)


def sent(server: LiveServer, person: Person, upload: Upload) -> dict[str, Any]:
    """What the service says to an upload."""

    def call(method: str, **form: Any) -> dict[str, Any]:
        head = {"Authorization": f"Bearer {person.token}"}
        answer: dict[str, Any] = web.post(f"{server.api}{method}", headers=head, **form).json()
        return answer

    file = {"image": ("me", upload.data)}
    if not upload.is_big:
        return call("users.setPhoto", files=file, data=upload.fields)
    prepared = call("users.preparePhoto", files=file)
    return call("users.setPhoto", data={"id": prepared["id"]})


def said_in(answer: dict[str, Any]) -> str:
    """The message of an answer, as the table has it."""
    messages = answer.get("response_metadata", {}).get("messages", [])
    level = "WARN" if answer["ok"] else "ERROR"
    found = [re.fullmatch(rf"\[{level}\] (.*?)( \[json-pointer:/image\])?", m) for m in messages]
    return ", ".join(f"`{match[1]}`" for match in found if match) or NOTHING


def test_the_table_has_a_line_for_each_upload() -> None:
    """And an upload for each line. Where it fails, add it in support/uploads.py or the page."""
    assert list(UPLOADS) == list(ROWS)


def test_each_word_of_the_table_has_a_check() -> None:
    """And each check is used. Where it fails, add it to CHECKS in this file."""
    used = {word for row in ROWS.values() for word in words(row.kept) + words(row.changed)}

    assert used == CHECKS.keys()


@pytest.mark.parametrize("kind", ROWS)
def test_it_is_so(kind: str, lenient: LiveServer, sender: Person) -> None:
    """Each upload of the line is answered so, and what is stored is that."""
    row, uploads = ROWS[kind], list(UPLOADS[kind]())

    for upload in uploads:
        answer = sent(lenient, sender, upload)

        assert said_in(answer) == row.said
        assert answer["ok"] == (row.stored_as != REFUSED)
        if answer["ok"]:
            profile = answer["profile"]
            picture = opened(web.get(profile["image_original"]).content)
            stored = Stored(upload, picture, profile["image_72"])
            assert form_of(stored) == row.stored_as
            small = opened(web.get(stored.small_url).content)
            assert (small.format, small.size) == (picture.format, (72, 72))
            assert [] == [w for w in words(row.kept) + words(row.changed) if not CHECKS[w](stored)]
    assert uploads
