"""Answers in gzip: who gets them, of what, and that they are the same."""

import gzip
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from likeness.server.compression import (
    LENGTH_MIN,
    PADDING_LENGTH_MAX,
    Compressing,
    Fixed,
    accepts_gzip,
)

pytestmark = pytest.mark.anyio

LONG = {"words": "likeness " * LENGTH_MIN}
STYLE = b"body { color: black } " * LENGTH_MIN


async def answer(request: Request) -> Response:
    """Something to compress, or not."""
    kinds: dict[str, Response] = {
        "json": JSONResponse(LONG, headers={"Vary": "Accept"}),
        "html": Response("<p>" * LENGTH_MIN, media_type="text/html"),
        "short": JSONResponse({}),
        "picture": Response(b"x" * 2 * LENGTH_MIN, media_type="image/png"),
        "packed": Response(STYLE, headers={"Content-Encoding": "br"}, media_type="text/css"),
        "stream": StreamingResponse(iter([b"x" * LENGTH_MIN, b"y"]), media_type="text/css"),
        "fixed": Fixed(STYLE).response(request, {"X-Own": "1"}, "text/css"),
        "fixed-short": Fixed(b"x").response(request, {"X-Own": "1"}, "text/css"),
    }
    return kinds[request.path_params["kind"]]


APPLICATION = Compressing(Starlette(routes=[Route("/{kind}", answer)]))


async def ask(kind: str, encoding: str | None = "gzip, br", verb: str = "GET") -> httpx.Response:
    """An answer to a client that reads this encoding."""
    headers = {} if encoding is None else {"Accept-Encoding": encoding}
    transport = httpx.ASGITransport(APPLICATION)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        del client.headers["accept-encoding"]
        return await client.request(verb, f"/{kind}", headers=headers)


@pytest.mark.parametrize("kind", ["json", "html", "fixed"])
async def test_what_is_worth_it_is_compressed(kind: str) -> None:
    """It says so, is shorter, and is the same to the byte; also to HEAD."""
    plain, packed, head = await ask(kind, None), await ask(kind), await ask(kind, verb="HEAD")

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == head.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 10
    assert "accept-encoding" in packed.headers["vary"].lower()


@pytest.mark.parametrize("kind", ["short", "picture", "packed", "stream", "fixed-short"])
async def test_what_is_not_is_sent_as_it_is(kind: str) -> None:
    """What is short, a picture, compressed already, or made while it is sent."""
    plain, asked = await ask(kind, "identity"), await ask(kind)

    assert asked.headers.get("content-encoding") == plain.headers.get("content-encoding")
    assert asked.headers.get("content-length") == plain.headers.get("content-length")


async def test_other_headers_stay() -> None:
    """Those of the application, what varies included."""
    assert "Accept" in (await ask("json")).headers["vary"].split(", ")
    assert (await ask("fixed")).headers["x-own"] == "1"
    assert (await ask("fixed-short")).headers["x-own"] == "1"


async def test_the_length_of_an_answer_does_not_tell_what_is_in_it() -> None:
    """It differs from one time to the next (BREACH)."""
    lengths = {int((await ask("json")).headers["content-length"]) for _ in range(50)}

    assert 1 < len(lengths)
    assert max(lengths) - min(lengths) < PADDING_LENGTH_MAX


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("br;q=1.0, gzip;q=0.001", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("gzipped", False),
        ("", False),
    ],
)
def test_a_client_says_what_it_reads(value: str, accepted: bool) -> None:
    """By RFC 9110; nothing said means nothing asked."""
    assert accepts_gzip([(b"accept-encoding", value.encode())]) is accepted
    assert not accepts_gzip([(b"accept", value.encode())])


@given(st.lists(st.binary()))
def test_any_header_is_read(values: list[bytes]) -> None:
    """Whatever it says."""
    assert accepts_gzip([(b"accept-encoding", value) for value in values]) in {True, False}


@given(st.binary(min_size=LENGTH_MIN + 1, max_size=4 * LENGTH_MIN))
def test_what_is_fixed_unpacks_to_itself(data: bytes) -> None:
    """By anybody's reader of gzip."""
    scope: dict[str, Any] = {"type": "http", "headers": [(b"accept-encoding", b"gzip")]}

    response = Fixed(data).response(Request(scope), {}, "text/css")

    assert data == gzip.decompress(bytes(response.body))
