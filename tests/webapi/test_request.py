"""The calling conventions on their way in, without a socket; `conformance` repeats them on one."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.app import METHODS
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
    ServiceUnavailable,
    TooLarge,
)
from likeness.model import Secret
from likeness.webapi import request as module
from likeness.webapi.form import Form
from likeness.webapi.request import FIELDS_LENGTH_MAX, JSON, TEXT, URLENCODED, Reader, RequestLimits
from support.asgi import GONE, STALL, Body, asgi_request
from support.patience import PATIENCE_S
from support.wire import BOUNDARY, field_part, file_part, multipart

LIMITS = RequestLimits(deadline_s=PATIENCE_S, image_length_max=1000, buffered_length_max=4_000_000)
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
    async with Reader(LIMITS).read(request, SET_PHOTO) as form:
        return form


async def refusal_of(
    *pieces: bytes | object, limits: RequestLimits = LIMITS, **headers: str
) -> tuple[Refusal, Body]:
    """Why a request is refused, and what of its body was left unread."""
    request, body = asgi_request(*pieces, **headers)
    with pytest.raises(Refusal) as caught:
        async with Reader(limits).read(request, SET_PHOTO):
            raise AssertionError("this request was to be refused")
    return caught.value, body


def test_only_methods_with_a_file_get_room_for_one() -> None:
    limits = RequestLimits()
    assert limits.upload_length_max(INFO) == 0
    assert limits.upload_length_max(SET_PHOTO) == 10 * 2**20
    assert limits.upload_length_max(METHODS["users.preparePhoto"]) == 32 * 2**20


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
    ("body", "values"),
    [
        (b"", {}),
        (b"  \n", {}),
        (b"{}", {}),
        (b'{"a": "x", "b": null}', {"a": b"x"}),
        (b'{"a": 1, "b": true, "c": [1]}', {"a": b"1", "b": b"true", "c": b"[1]"}),
        (b'{"a": "\\ud800"}', {"a": b"?"}),
    ],
)
async def test_json_members_are_arguments(body: bytes, values: dict[str, bytes]) -> None:
    assert (await read(body, content_type=JSON_UTF8)).values == values


@pytest.mark.parametrize("body", [b"{", b"\xff", b"nul", b"[" * 100_000])
async def test_broken_json_is_invalid(body: bytes) -> None:
    assert type((await refusal_of(body, content_type=JSON_UTF8))[0]) is InvalidJson


@pytest.mark.parametrize("body", [b"1", b"[]", b"null", b'"x"'])
async def test_json_of_another_kind_is_no_object(body: bytes) -> None:
    assert type((await refusal_of(body, content_type=JSON_UTF8))[0]) is JsonNotObject


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.text()))
async def test_texts_survive_json(values: dict[str, str]) -> None:
    values.pop("token", None)
    form = await read(json.dumps(values).encode(), content_type=JSON_UTF8)
    assert form.texts().keys() == values.keys()


@pytest.mark.parametrize(
    ("kind", "warnings"),
    [
        (URLENCODED, ()),
        (f"{URLENCODED}; charset=utf-8", ("superfluous_charset",)),
        (f"{MULTIPART}; charset=utf-8", ("superfluous_charset",)),
        (JSON, ("missing_charset",)),
        (JSON_UTF8, ()),
        (f"{JSON}; CHARSET=UTF-8", ()),
        (f"{JSON}; charset=ISO-8859-1", ()),
        (TEXT, ("missing_charset",)),
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


async def test_texts_are_in_the_announced_charset() -> None:
    form = await read(b"a=%FC", content_type=f"{URLENCODED}; charset=iso-8859-1")
    assert form.texts() == {"a": "ü"}


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
    assert not form.is_token_in_query


async def test_a_token_in_the_query_is_only_noted() -> None:
    form = await read(verb="GET", query="token=q", authorization="Bearer h")
    assert form.is_token_in_query
    assert form.token == Secret("h")
    assert not (await read(verb="GET", query="token=")).is_token_in_query


async def test_an_announced_length_above_the_limit_is_drained_and_refused() -> None:
    length = FIELDS_LENGTH_MAX + LIMITS.image_length_max + 1
    refusal, body = await refusal_of(
        b"x" * 9, b"y" * 9, content_type=MULTIPART, content_length=str(length)
    )
    assert type(refusal) is TooLarge
    assert str(length) in refusal.message
    assert refusal.argument == "image"
    assert body.left == []


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
    body = b"image=" + b"%00" * LIMITS.image_length_max
    padded = body + b"&a=" + b"x" * (64 * 1024)
    assert len((await read(padded, content_type=URLENCODED)).values["image"]) == 1000


async def test_a_silent_sender_is_cut_off() -> None:
    limits = replace(LIMITS, deadline_s=0.05)
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


async def test_bodies_share_one_buffer_and_give_it_back() -> None:
    reader = Reader(replace(LIMITS, buffered_length_max=100))
    first, _ = asgi_request(b"a=" + b"x" * 58, content_type=URLENCODED)
    second, _ = asgi_request(b"a=" + b"x" * 58, content_type=URLENCODED)
    async with reader.read(first, INFO):
        with pytest.raises(ServiceUnavailable, match="too many uploads"):
            async with reader.read(second, INFO):
                raise AssertionError("there was room for one only")
    third, _ = asgi_request(b"a=" + b"x" * 98, content_type=URLENCODED)
    async with reader.read(third, INFO) as form:
        assert len(form.values["a"]) == 98


async def test_the_buffer_is_given_back_after_a_refusal() -> None:
    reader = Reader(replace(LIMITS, buffered_length_max=100))
    for _ in range(3):
        request, _ = asgi_request(b"{" * 90, content_type=JSON_UTF8)
        with pytest.raises(InvalidJson):
            async with reader.read(request, INFO):
                raise AssertionError("this is no JSON")
