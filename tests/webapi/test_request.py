"""The calling conventions on their way in, without a socket; `conformance` repeats them on one."""

from dataclasses import replace

import pytest

from likeness.errors import (
    InvalidArgName,
    InvalidCharset,
    InvalidFormData,
    InvalidJson,
    InvalidPostType,
    JsonNotObject,
    MissingPostType,
    Refusal,
    RequestTimeout,
    TooLarge,
)
from likeness.model import Secret
from likeness.webapi import request as module
from likeness.webapi.budget import UNCOUNTED_LENGTH
from likeness.webapi.content_type import JSON, TEXT, URLENCODED
from likeness.webapi.form import Form
from likeness.webapi.json_object import JSON_LENGTH_MAX
from likeness.webapi.limits import FIELDS_LENGTH_MAX, RequestLimits
from likeness.webapi.methods import METHODS
from likeness.webapi.multipart import PARTS_MAX
from likeness.webapi.request import Reader, announced_length, is_counted
from support.asgi import GONE, STALL, Body, asgi_request
from support.patience import PATIENCE_S
from support.wire import BOUNDARY, field_part, file_part, multipart

LIMITS = RequestLimits(
    request_timeout_s=PATIENCE_S, image_bytes_max=1000, request_buffer_bytes_max=4_000_000
)
MIB = 2**20
SET_PHOTO = METHODS["users.setPhoto"]
INFO = METHODS["users.info"]
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
JSON_UTF8 = f"{JSON}; charset=utf-8"

pytestmark = pytest.mark.anyio


async def read(
    *pieces: bytes | object, verb: str = "POST", query: str = "", **headers: str
) -> Form:
    """What a reader makes of a request for `users.setPhoto`."""
    request, _ = asgi_request(*pieces, verb=verb, query=query, **headers)
    async with Reader(LIMITS).read(request, SET_PHOTO, None) as form:
        return form


async def refusal_of(
    *pieces: bytes | object, limits: RequestLimits = LIMITS, **headers: str
) -> tuple[Refusal, Body]:
    """Why a request is refused, and what of its body was left unread."""
    request, body = asgi_request(*pieces, **headers)
    with pytest.raises(Refusal) as caught:
        async with Reader(limits).read(request, SET_PHOTO, None):
            raise AssertionError("this request was to be refused")
    return caught.value, body


async def test_arguments_come_from_the_query_of_a_get() -> None:
    form = await read(verb="GET", query="crop_x=1&crop_y=%C3%A4")
    assert form.texts() == {"crop_x": "1", "crop_y": "ä"}
    assert form.warnings == ()


async def test_a_post_may_have_no_body_at_all() -> None:
    assert (await read(content_length="0")).values == {}


async def test_a_get_keeps_its_body_to_itself() -> None:
    form = await read(b"crop_x=1", verb="GET", content_type=URLENCODED, content_length="8")
    assert form.values == {}


@pytest.mark.parametrize("kind", [URLENCODED, JSON_UTF8, MULTIPART])
async def test_body_fields_win_over_the_query(kind: str) -> None:
    bodies = {
        URLENCODED: b"crop_x=2",
        JSON_UTF8: b'{"crop_x": "2"}',
        MULTIPART: multipart([field_part("crop_x", "2")]),
    }
    form = await read(bodies[kind], query="crop_x=1&crop_y=3", content_type=kind)
    assert form.texts() == {"crop_x": "2", "crop_y": "3"}


async def test_chunks_are_put_together() -> None:
    body = multipart([file_part(b"abcdef" * 50)])
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    assert (await read(*pieces, content_type=MULTIPART)).values == {"image": b"abcdef" * 50}


@pytest.mark.parametrize(
    ("kind", "warnings"),
    [
        (URLENCODED, ()),
        (f"{MULTIPART}; charset=utf-8", ("superfluous_charset",)),
        (JSON, ("missing_charset",)),
        (f"{TEXT}; charset=utf-8", ()),
    ],
)
async def test_charsets_are_remarked_upon(kind: str, warnings: tuple[str, ...]) -> None:
    body = multipart([field_part("a", "1")]) if kind.startswith("multipart") else b""
    assert (await read(body, content_type=kind)).warnings == warnings


@pytest.mark.parametrize("kind", [URLENCODED, MULTIPART, JSON, TEXT])
async def test_a_strange_charset_is_refused(kind: str) -> None:
    refusal, _ = await refusal_of(b"a=1", content_type=f"{kind}; charset=utf-7")
    assert type(refusal) is InvalidCharset
    assert "'utf-7'" in refusal.message


@pytest.mark.parametrize(
    ("kind", "body"),
    [(URLENCODED, b"a=%FC"), (JSON, b'{"a":"\\u00fc"}'), (JSON, b'{"a":"\xfc"}')],
)
async def test_texts_of_a_body_are_in_the_announced_charset(kind: str, body: bytes) -> None:
    """A query is UTF-8 whatever the body is in."""
    latin = f"{kind}; charset=iso-8859-1"
    form = await read(body, query="b=%C3%BC", content_type=latin)
    assert form.texts() == {"a": "ü", "b": "ü"}


@pytest.mark.parametrize("kind", ["application/xml", "image/png", "rubbish", "; charset=utf-8x"])
async def test_a_type_that_is_none_of_the_four_is_refused(kind: str) -> None:
    refusal, _ = await refusal_of(b"x", content_type=kind, content_length="1")
    assert type(refusal) in {InvalidPostType, MissingPostType}


async def test_a_body_without_a_type_is_refused_before_it_is_kept() -> None:
    assert type((await refusal_of(b"a=1", content_length="3"))[0]) is MissingPostType
    assert type((await refusal_of(b"a=1"))[0]) is MissingPostType


async def test_a_chunked_body_without_a_type_may_be_empty() -> None:
    assert (await read(b"")).values == {}


async def test_plain_text_is_accepted_and_has_no_fields() -> None:
    assert (await read(b"crop_x=1", content_type=f"{TEXT}; charset=utf-8")).values == {}


async def test_a_compressed_body_is_refused() -> None:
    refusal, _ = await refusal_of(b"x", content_type=URLENCODED, content_encoding="gzip")
    assert type(refusal) is InvalidPostType
    assert "compressed" in refusal.message


@pytest.mark.parametrize(
    ("body", "error"), [(b"{", InvalidJson), (b"[]", JsonNotObject), (b"[" * 100_000, InvalidJson)]
)
async def test_json_is_parsed_as_an_object(body: bytes, error: type[Refusal]) -> None:
    assert type((await refusal_of(body, content_type=JSON_UTF8))[0]) is error


async def test_json_is_no_longer_than_its_texts_may_be() -> None:
    """Whatever picture the method takes; and says how one is sent."""
    spaces = b" " * (JSON_LENGTH_MAX - 2)
    assert (await read(b"{}" + spaces, content_type=JSON_UTF8)).values == {}
    refusal, body = await refusal_of(b"{}" + spaces, b" ", b"left", content_type=JSON_UTF8)
    assert type(refusal) is TooLarge
    assert "131073 bytes or more; at most 131072 are allowed; send a picture" in refusal.message
    assert body.left == []


async def test_two_types_are_refused() -> None:
    request, _ = asgi_request(b"a=1", content_type=URLENCODED)
    request.scope["headers"] = [*request.scope["headers"], (b"content-type", TEXT.encode())]
    with pytest.raises(InvalidPostType, match="2 Content-Types"):
        async with Reader(LIMITS).read(request, SET_PHOTO, None):
            raise AssertionError("this request was to be refused")


async def test_arguments_of_a_query_are_counted() -> None:
    """As the fields of a form are, before their names are looked at."""
    form = await read(verb="GET", query="&".join(["a=1"] * PARTS_MAX))
    assert form.values == {"a": b"1"}
    with pytest.raises(InvalidFormData, match="more than 32 fields"):
        await read(verb="GET", query="&".join(["a-b=1"] * (PARTS_MAX + 1)))


async def test_names_are_checked_in_the_query_and_in_the_body() -> None:
    for query, body in (("a-b=1", b""), ("", b"a-b=1")):
        with pytest.raises(InvalidArgName):
            await read(body, query=query, content_type=URLENCODED)


async def test_an_argument_may_stand_in_both_places_but_not_twice_in_one() -> None:
    assert (await read(b"user=2", query="user=1", content_type=URLENCODED)).texts() == {"user": "2"}
    for query, body in (("user=1&user=1", b""), ("", b"user=1&user=1")):
        with pytest.raises(InvalidFormData, match="twice"):
            await read(body, query=query, content_type=URLENCODED)


@pytest.mark.parametrize(
    ("body", "kind", "header", "token"),
    [
        (b"", URLENCODED, "", None),
        (b"", URLENCODED, "Bearer h", "h"),
        (b"", URLENCODED, "bearer  h ", "h"),
        (b"", URLENCODED, "Basic h", None),
        (b"", URLENCODED, "Bearer", None),
        (b"token=b", URLENCODED, "", "b"),
        (b"token=b", URLENCODED, "Bearer h", "b"),
        (b"token=", URLENCODED, "Bearer h", "h"),
        (multipart([field_part("token", "b")]), MULTIPART, "Bearer h", "b"),
        (b'{"token": "b"}', JSON_UTF8, "Bearer h", "h"),
        (b'{"token": "b"}', JSON_UTF8, "", None),
    ],
)
async def test_where_a_token_is_looked_for(
    body: bytes, kind: str, header: str, token: str | None
) -> None:
    headers = {"authorization": header} if header else {}
    form = await read(body, content_type=kind, **headers)
    assert form.token == (Secret(token) if token else None)
    assert "token" not in form.values
    assert form.query_token is None


async def test_a_token_in_the_query_is_only_noted() -> None:
    form = await read(verb="GET", query="token=q", authorization="Bearer h")
    assert form.query_token == Secret("q")
    assert form.token == Secret("h")
    assert (await read(verb="GET", query="token=")).query_token is None


async def test_an_announced_length_above_the_limit_is_drained_and_refused() -> None:
    length = FIELDS_LENGTH_MAX + LIMITS.image_bytes_max + 1
    refusal, body = await refusal_of(
        b"x" * 9, b"y" * 9, content_type=MULTIPART, content_length=str(length)
    )
    assert type(refusal) is TooLarge
    assert str(length) in refusal.message
    assert refusal.argument == "image"
    assert body.left == []


@pytest.mark.parametrize(
    ("header", "length", "counted"),
    [
        ("0", 0, False),
        (str(UNCOUNTED_LENGTH), UNCOUNTED_LENGTH, False),
        (str(UNCOUNTED_LENGTH + 1), UNCOUNTED_LENGTH + 1, True),
        ("9" * 5000, 10**18 - 1, True),
        ("", None, True),
        ("many", None, True),
        ("-1", None, True),
        ("\xb2", None, True),
    ],
)
def test_what_a_body_announces(header: str, length: int | None, counted: bool) -> None:
    """Without a length it may be any; beyond some it matters whose it is."""
    request, _ = asgi_request(content_length=header)
    assert announced_length(request) == length
    assert is_counted(request) is counted
    request, _ = asgi_request(verb="GET", content_length=header)
    assert not is_counted(request)


async def test_who_asks_before_sending_is_answered_at_once() -> None:
    refusal, body = await refusal_of(
        b"x", STALL, content_type=MULTIPART, content_length="9" * 9, expect="100-Continue"
    )
    assert type(refusal) is TooLarge
    assert len(body.left) == 2


async def test_an_unannounced_length_above_the_limit_is_cut_off() -> None:
    pieces = [bytes(500_000)] * 6
    refusal, body = await refusal_of(*pieces, content_type=MULTIPART)
    assert type(refusal) is TooLarge
    assert body.left == []


async def test_urlencoded_bodies_have_room_for_percent_signs() -> None:
    body = b"image=" + b"%00" * LIMITS.image_bytes_max
    padded = body + b"&a=" + b"x" * (64 * 1024)
    assert len((await read(padded, content_type=URLENCODED)).values["image"]) == 1000


async def test_a_silent_sender_is_cut_off() -> None:
    limits = replace(LIMITS, request_timeout_s=0.05)
    refusal, _ = await refusal_of(b"a=1", STALL, limits=limits, content_type=URLENCODED)
    assert type(refusal) is RequestTimeout
    assert "0.05 s" in refusal.message


async def test_a_body_that_breaks_off_is_a_timeout() -> None:
    refusal, _ = await refusal_of(b"a=1", GONE, content_type=URLENCODED, content_length="99")
    assert type(refusal) is RequestTimeout


@pytest.mark.parametrize("end", [STALL, GONE])
async def test_draining_ends_when_the_sender_does(
    monkeypatch: pytest.MonkeyPatch, end: object
) -> None:
    monkeypatch.setattr(module, "DRAIN_TIMEOUT_S", 0.05)
    refusal, _ = await refusal_of(b"x", end, content_type="image/png", content_length="9")
    assert type(refusal) is InvalidPostType


async def test_draining_ends_at_its_own_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRAIN_LENGTH_MAX", 100)
    _, body = await refusal_of(*[bytes(60)] * 5, content_type="image/png", content_length="300")
    assert len(body.left) == 3


async def test_a_form_that_nobody_can_use_is_read_away() -> None:
    """Nothing of it is kept, so that there may be more of it than anybody may hold."""
    request, body = asgi_request(*[bytes(MIB)] * 9, content_type=URLENCODED)
    await Reader(LIMITS).discard(request, LIMITS.image_bytes_max)
    assert body.left == []


async def test_a_form_that_nobody_can_use_is_judged_by_its_head() -> None:
    """As one that is read."""
    request, body = asgi_request(b"x", content_type="image/png", content_length="1")
    with pytest.raises(InvalidPostType):
        await Reader(LIMITS).discard(request, LIMITS.image_bytes_max)
    assert body.left == []
