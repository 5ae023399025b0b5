"""Files that people sent and that were once answered wrongly, each with its right answer.

Skipped where they do not lie beside this checkout; other tests build the same kinds themselves.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
import pytest
from PIL import Image

from likeness.imaging.formats import WHOLE_PIXELS
from support import web
from support.live import LiveServer, Person
from support.pictures import opened
from support.sight import distance_de

LEVELS_APART_MAX: Final = 4
"""Of 255 a channel: rounding, and what a JPEG does to an even colour."""

SEEN_RGB: Final = {"01-png-chrm-p3.png": (220, 0, 0), "02-png-cicp-p3.png": (218, 0, 6)}
"""Pictures of one colour that say what their numbers mean, and what Chromium shows of them."""

DE_MAX: Final = 2.0
"""Less than people notice side by side."""

DAMAGED: Final = ("06-jpeg-no-eoi-samsung-trailer.jpg", "09-png-bad-iend-crc.png")
LATIN_1: Final = "07-multipart-latin1-filename.bin"


@pytest.fixture(scope="session")
def inputs(shared_corpus: Path) -> Path:
    """The folder of these files, which lies beside the corpus."""
    return shared_corpus.parent / "inputs"


def answer(server: LiveServer, person: Person, method: str, **sent: Any) -> Mapping[str, Any]:
    """What the service says to a call that has to be accepted."""
    sent["headers"] = {"Authorization": f"Bearer {person.token}", **sent.get("headers", {})}
    reply: httpx.Response = web.post(f"{server.api}users.{method}", **sent)
    said: dict[str, Any] = reply.json()
    assert (reply.status_code, said["ok"]) == (httpx.codes.OK, True), said
    return said


def upload(path: Path) -> dict[str, Any]:
    """A file as clients send it."""
    return {"image": (path.name, path.read_bytes())}


def original(said: Mapping[str, Any]) -> Image.Image:
    """The picture that is stored."""
    return opened(web.get(said["profile"]["image_original"]).content)


@pytest.mark.parametrize("name", SEEN_RGB)
def test_colours_are_those_that_browsers_show(
    inputs: Path, server: LiveServer, person: Person, name: str
) -> None:
    """Display P3, by its primaries and by its code."""
    said = answer(server, person, "setPhoto", files=upload(inputs / name))

    pixels = np.asarray(original(said).convert("RGB")).astype(int)
    assert np.abs(pixels - SEEN_RGB[name]).max() <= LEVELS_APART_MAX
    assert "response_metadata" not in said


def test_an_animated_png_moves(inputs: Path, server: LiveServer, person: Person) -> None:
    """As a GIF does, and nothing is lost of it that has to be told."""
    said = answer(server, person, "setPhoto", files=upload(inputs / "04-apng-3-frames.png"))

    made = original(said)
    assert (made.format, getattr(made, "n_frames", 1)) == ("GIF", 3)
    assert "response_metadata" not in said


def test_the_largest_mode_of_a_phone_is_prepared(
    inputs: Path, server: LiveServer, person: Person
) -> None:
    """8192 x 6144 pixels, of which the working copy keeps 4096."""
    said = answer(
        server, person, "preparePhoto", files=upload(inputs / "05-jpeg-8192x6144-50mp.jpg")
    )

    assert (said["width"], said["height"]) == (4096, 3072)


@pytest.mark.parametrize("name", DAMAGED, ids=["jpeg", "png"])
def test_whole_pixels_are_accepted(
    inputs: Path, server: LiveServer, person: Person, name: str
) -> None:
    """With a word about what is wrong with it, and as Pillow shows it."""
    said = answer(server, person, "setPhoto", files=upload(inputs / name))

    assert said["response_metadata"]["messages"] == [f"[WARN] {WHOLE_PIXELS}"]
    with Image.open(inputs / name) as sent:
        mean, _ = distance_de(sent.convert("RGB"), original(said).convert("RGB"))
    assert mean < DE_MAX


def test_a_file_may_be_called_anything(inputs: Path, server: LiveServer, person: Person) -> None:
    """In any code page, as its name is not used."""
    kind = {"Content-Type": "multipart/form-data; boundary=XX"}
    sent = (inputs / LATIN_1).read_bytes()

    assert answer(server, person, "setPhoto", content=sent, headers=kind)["profile"]["image_72"]
