"""The forms in which known clients send a photo, each through a socket and to the right pixels."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from support import pictures
from support.clients import BOX, FORMS, Box, Form
from support.live import LiveServer, Person
from support.reading import fetch
from support.scenarios import SET, upload
from support.wire import Reply, connect, read_reply, send

WIDTH, HEIGHT = 640, 600
DIFFERENCE_MAX = 6.0
"""Mean difference of 8-bit samples that two good ways of scaling may have."""


@pytest.fixture(scope="module")
def photo() -> bytes:
    """A lossless picture with room around the crop box."""
    return pictures.png(WIDTH, HEIGHT)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.client)
def test_a_client_is_understood(
    form: Form, server: LiveServer, person: Person, photo: bytes
) -> None:
    """Each client's bytes give the photo it meant, or the refusal that helps it."""
    reply = send(server, form.build(photo, person.token))

    assert (200, form.error) == (reply.status, reply.error), reply.document
    if form.error:
        assert form.hint in " ".join(reply.messages)
    else:
        assert_shows(reply, photo, form.box)


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b"\r\nContent-Disp", b" \t \r\nContent-Disp"),
        (b"\r\nContent-Disp", b"\r\nContent-Length: 7\r\nContent-Disp"),
        (b"me.png", rb"a\"; name=\"token.png"),
        (b"me.png", b"\x01\xff\xfe.png"),
    ],
    ids=["padding", "length", "a name in the name", "any bytes"],
)
def test_what_the_rfcs_ask_is_forgiven(
    found: bytes, put: bytes, server: LiveServer, person: Person, photo: bytes
) -> None:
    """Spaces behind boundaries, wrong lengths of parts, and files of any name."""
    request = upload(SET, person.token, photo, crop_w="600")

    reply = send(server, replace(request, body=request.body.replace(found, put)))

    assert (200, "") == (reply.status, reply.error), reply.document


def test_curl_may_ask_before_it_sends(server: LiveServer, person: Person, photo: bytes) -> None:
    """With `Expect: 100-continue` the server says go on, and then takes the body."""
    (curl,) = (form for form in FORMS if form.client == "curl")
    request = curl.build(photo, person.token).with_headers(Expect="100-continue")

    with connect(server) as line:
        line.sendall(request.head())
        interim = line.recv(1024)
        line.sendall(request.payload())
        reply = read_reply(line)

    assert interim.startswith(b"HTTP/1.1 100 ")
    assert_shows(reply, photo, BOX)


def assert_shows(reply: Reply, upload: bytes, box: Box | None) -> None:
    """The photo of 512 pixels shows what the box cut, or all of the upload, letterboxed."""
    shown = pixels(pictures.opened(fetch(reply.document["profile"]["image_512"]).content))
    wanted = cut(pictures.opened(upload).convert("RGB"), box)

    assert wanted.shape == shown.shape
    difference = float(np.abs(wanted - shown).mean())
    assert difference == 0.0 if box else difference < DIFFERENCE_MAX


def cut(picture: Image.Image, box: Box | None) -> Any:
    """What 512 pixels should show; a box of 512 needs no scaling and is compared exactly."""
    if box:
        x, y, w = box
        return pixels(picture.crop((x, y, x + w, y + w)))
    square = Image.new("RGB", (WIDTH, WIDTH))
    square.paste(picture, (0, (WIDTH - HEIGHT) // 2))
    return pixels(square.resize((512, 512), Image.Resampling.LANCZOS))


def pixels(picture: Image.Image) -> Any:
    """The samples as numbers that can be subtracted."""
    return np.asarray(picture.convert("RGB"), dtype=np.int16)
