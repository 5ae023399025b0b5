"""Slack's calling conventions (contract § 1) as a socket sees them: places, types, headers."""

import json
import re
from dataclasses import replace
from itertools import product

import pytest

from likeness.webapi.methods import METHODS
from support.calls import READING
from support.live import LiveServer
from support.people import Cast
from support.scenarios import SET, Stage, picture, upload
from support.wire import (
    Reply,
    Request,
    bearer,
    chunked,
    connect,
    document,
    field_part,
    file_part,
    form,
    get,
    post,
    read_reply,
    send,
    send_each,
    send_raw,
)

HEADERS = {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "private, no-cache, no-store, must-revalidate",
    "pragma": "no-cache",
    "vary": "Accept-Encoding",
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-slack-req-id, retry-after",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-xss-protection": "0",
}


def test_every_method_without_an_upload_is_tried_here() -> None:
    """A new method cannot be forgotten."""
    plain = {name for name, row in METHODS.items() if not row.takes_upload}

    assert plain - set(READING) == set(), (
        "add it to READING in tests/support/calls.py, with arguments that answer ok"
    )
    assert set(READING) - plain == set(), "no such method: take it out of READING there"


def photo_of(server: LiveServer, people: Cast) -> str:
    """The id of a photo that its owner shows now."""
    send(server, upload(SET, people.whole, picture()))
    photos = send(server, form("users.listPhotos", people.whole)).document["photos"]
    newest: str = photos[0]["id"]
    return newest


@pytest.mark.parametrize(("method", "make"), list(product(READING, (get, form, post))))
def test_get_and_post_are_the_same(
    method: str, make: object, server: LiveServer, people: Cast
) -> None:
    """Each method works with both verbs, whichever its page names."""
    assert callable(make)
    photo = photo_of(server, people) if method == "users.restorePhoto" else ""
    known = {"owner": people.owner.id, "photo": photo, "bot": people.bot_id}
    values = {k: v.format(**known) for k, v in READING[method].items()}

    reply = send(server, make(method, people.whole, **values))

    assert (200, True) == (reply.status, reply.document["ok"]), reply.document


@pytest.mark.parametrize("method", [name for name in READING if name != "auth.revoke"])
def test_a_json_body_may_be_empty(method: str, server: LiveServer, people: Cast) -> None:
    """slack_sdk sends so every call without arguments; then it must not be invalid_json."""
    reply = send(server, document(method, people.whole))

    assert reply.error not in {"invalid_json", "json_not_object", "internal_error"}


def test_an_empty_post_needs_no_type(server: LiveServer, people: Cast) -> None:
    """Recorded from the real service: Content-Length 0 and no Content-Type."""
    request = Request("auth.test", headers=(bearer(people.whole),))

    assert "" == send(server, request).error
    assert "" == send(server, replace(request, is_chunked=True)).error


def test_arguments_may_be_split_between_query_and_body(server: LiveServer, people: Cast) -> None:
    """As SlackNet and slack_sdk's async client do."""
    request = replace(form("api.test", None, one="1"), query="two=2")

    assert {"one": "1", "two": "2"} == send(server, request).document["args"]


def test_the_body_wins_over_the_query(server: LiveServer) -> None:
    """The same name in both places."""
    request = replace(form("api.test", None, foo="body"), query="foo=query")

    assert {"foo": "body"} == send(server, request).document["args"]


@pytest.mark.parametrize(
    ("content_type", "body", "warning"),
    [
        ("application/json", b'{"user":"%s"}', "missing_charset"),
        ("application/json; charset=utf-8", b'{"user":"%s"}', None),
        ("application/json; charset=UTF-8", b'{"user":"%s"}', None),
        ('application/json; charset="utf-8"', b'{"user":"%s"}', None),
        ("application/x-www-form-urlencoded", b"user=%s", None),
        ("application/x-www-form-urlencoded;charset=utf-8", b"user=%s", "superfluous_charset"),
        (
            "application/x-www-form-urlencoded; charset=iso-8859-1",
            b"user=%s",
            "superfluous_charset",
        ),
        ("APPLICATION/X-WWW-FORM-URLENCODED", b"user=%s", None),
    ],
)
def test_types_and_charsets(
    content_type: str, body: bytes, warning: str | None, server: LiveServer, people: Cast
) -> None:
    """Each type is read, and its charset remarked on at the end of the object."""
    headers = (("Content-Type", content_type), bearer(people.whole))
    request = Request("users.info", body % people.owner.id.encode(), headers=headers)

    answer = send(server, request).document

    assert people.owner.id == answer["user"]["id"]
    assert warning == answer.get("warning")
    if warning:
        assert ["warning", "response_metadata"] == list(answer)[-2:]
        assert {"warnings": [warning]} == answer["response_metadata"]


def test_plain_text_is_allowed_and_holds_no_arguments(server: LiveServer, people: Cast) -> None:
    """The fourth type of the seed, with the warning that it earns."""
    headers = (("Content-Type", "text/plain"), bearer(people.whole))

    answer = send(server, Request("auth.test", b"hello", headers=headers)).document

    assert (True, "missing_charset") == (answer["ok"], answer["warning"])


@pytest.mark.parametrize(
    ("kind", "body", "query"),
    [
        ("application/x-www-form-urlencoded;", b"name=Zo%EB", ""),
        ("application/x-www-form-urlencoded;", b"other=1", "name=Zo%C3%AB"),
        ("application/json;", b'{"name":"Zo\xeb"}', ""),
        ("application/json;\t", b'{"name":"Zo\\u00eb"}', ""),
    ],
)
def test_latin_text_is_read_as_announced(
    server: LiveServer, kind: str, body: bytes, query: str
) -> None:
    """`charset=iso-8859-1` is that of the body alone."""
    headers = (("Content-Type", f"{kind}charset=iso-8859-1"),)

    answer = send(server, Request("api.test", body, query=query, headers=headers)).document

    assert answer["args"]["name"] == "Zoë"


def test_a_token_in_the_body_wins_over_the_header(server: LiveServer, people: Cast) -> None:
    """slack_sdk puts an overriding token there; and a bad one spoils a good header."""
    good = form("auth.test", people.other)
    overriding = replace(good, body=f"token={people.whole}".encode())
    spoiling = replace(good, body=b"token=xoxp-bad")

    assert people.owner.id == send(server, overriding).document["user_id"]
    assert "invalid_auth" == send(server, spoiling).error


def test_a_token_in_json_is_none(server: LiveServer, people: Cast) -> None:
    """With a JSON body only the header counts."""
    body = json.dumps({"token": people.whole}).encode()

    assert "not_authed" == send(server, document("auth.test", None, body)).error
    assert "" == send(server, document("auth.test", people.whole, body)).error


def test_a_token_in_the_query_spoils_everything(server: LiveServer, people: Cast) -> None:
    """Even beside a header that is right."""
    request = replace(get("auth.test", people.whole), query=f"token={people.whole}")

    assert "invalid_auth" == send(server, request).error
    assert "invalid_auth" == send(server, request.without("Authorization")).error


def test_the_headers_of_an_answer(server: LiveServer, people: Cast) -> None:
    """Those recorded from the real service, the token's scopes and the one that was needed."""
    reply = send(server, form("users.info", people.whole, user=people.owner.id))

    assert HEADERS == {name: reply.headers.get(name) for name in HEADERS}
    assert "1997" in reply.headers["expires"]
    assert re.fullmatch(r"[0-9a-f]{32}", reply.headers["x-slack-req-id"])
    assert {"users:read", "users.profile:write"} <= set(reply.headers["x-oauth-scopes"].split(","))
    assert "users:read" in reply.headers["x-accepted-oauth-scopes"].split(",")
    assert "x-robots-tag" not in reply.headers
    assert "set-cookie" not in reply.headers


def test_the_headers_of_not_authed(server: LiveServer) -> None:
    """No scopes are named to strangers, and no robot keeps the answer."""
    reply = send(server, form("users.info", None))

    assert HEADERS == {name: reply.headers.get(name) for name in HEADERS}
    assert "x-oauth-scopes" not in reply.headers
    assert "noindex,nofollow" == reply.headers["x-robots-tag"]


def test_auth_test_accepts_any_scope(server: LiveServer, people: Cast) -> None:
    """So no scope is named as accepted there."""
    reply = send(server, form("auth.test", people.without_scopes))

    assert "" == reply.error
    assert "x-accepted-oauth-scopes" not in reply.headers


@pytest.mark.parametrize("path", ["users.setPhoto/", "", "a/b", "users.setphoto", "%2e%2e/healthz"])
def test_no_path_redirects(path: str, server: LiveServer) -> None:
    """Slack's Node client fails on redirects, so unknown is unknown."""
    raw = f"POST /api/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode()

    reply = send_raw(server, raw)

    assert 200 == reply.status
    assert "unknown_method" == reply.error
    assert "location" not in reply.headers


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"])
def test_other_verbs_are_unknown_methods(verb: str, server: LiveServer, people: Cast) -> None:
    """HTTP 200, as for every API error."""
    reply = send(server, replace(get("auth.test", people.whole), verb=verb))

    assert (200, "unknown_method") == (reply.status, reply.error)


def test_head_is_a_get_without_a_body(server: LiveServer, people: Cast) -> None:
    """The same headers, and nothing else."""
    reply = send(server, replace(get("auth.test", people.whole), verb="HEAD"))

    assert (200, b"") == (reply.status, reply.body)
    assert HEADERS["content-type"] == reply.headers["content-type"]


def test_browsers_may_ask_beforehand(server: LiveServer) -> None:
    """OPTIONS is answered for any origin, without credentials."""
    headers = (("Origin", "https://a.example"), ("Access-Control-Request-Method", "POST"))

    reply = send(server, Request("users.setPhoto", verb="OPTIONS", headers=headers))

    assert 200 == reply.status
    assert "*" == reply.headers["access-control-allow-origin"]
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in reply.headers


def test_a_connection_serves_several_calls(server: LiveServer, people: Cast) -> None:
    """Keep-alive, across uploads, refusals and chunked bodies."""
    requests = [
        upload(SET, people.whole, picture()),
        form("users.info", people.whole),
        replace(upload(SET, people.whole, picture()), is_chunked=True),
        upload(SET, people.bot, picture()),
        upload("users.setFoto", None, picture()),
        get("auth.test", people.whole),
    ]

    errors = [reply.error for reply in send_each(server, requests)]

    assert ["", "user_not_found", "", "user_is_bot", "unknown_method", ""] == errors


def test_two_calls_in_one_packet_are_both_answered(server: LiveServer, people: Cast) -> None:
    """Pipelining, which some proxies do."""
    raw = get("auth.test", people.whole).raw()
    last = get("auth.test", people.whole).with_headers(Connection="close").raw()
    answered = b""

    with connect(server) as line:
        line.sendall(raw + last)
        while piece := line.recv(65536):
            answered += piece

    assert 2 == answered.count(b"HTTP/1.1 200 ") == answered.count(b'{"ok":true')


def test_a_cut_chunked_body_is_told(server: LiveServer, people: Cast) -> None:
    """No final chunk, and no more bytes to come."""
    request = upload(SET, people.whole, picture())
    raw = replace(request, is_chunked=True).head() + chunked(request.body)[:-50]

    reply = send_raw(server, raw, half_close=True)

    assert (200, "request_timeout") == (reply.status, reply.error)


def test_a_slow_sender_is_cut_off(stage: Stage) -> None:
    """The deadline is for the whole request: a byte now and then does not extend it."""
    raw = upload(SET, stage.cramped_people.whole, picture()).raw()

    with connect(stage.cramped) as line:
        line.sendall(raw[:-2000])
        for at in range(len(raw) - 2000, len(raw) - 1980):
            line.sendall(raw[at : at + 1])
        reply = read_reply(line)
        ended = line.recv(1)

    assert (200, "request_timeout") == (reply.status, reply.error)
    assert b"" == ended


@pytest.mark.parametrize("is_chunked", [False, True])
def test_an_oversized_body_is_refused_with_its_reason(
    is_chunked: bool, server: LiveServer, people: Cast
) -> None:
    """HTTP 200 and `too_large`, announced or not, though its sender is still sending."""
    request = upload(SET, people.whole, bytes(20 * 2**20))

    reply = send(server, replace(request, is_chunked=is_chunked))

    assert (200, "too_large") == (reply.status, reply.error)
    assert "close" == reply.headers["connection"]


def test_an_oversized_body_need_not_be_sent(server: LiveServer, people: Cast) -> None:
    """Who asks with Expect is told at once."""
    request = upload(SET, people.whole, bytes(20 * 2**20)).with_headers(Expect="100-continue")

    reply = send_raw(server, request.head())

    assert (200, "too_large") == (reply.status, reply.error)


def test_there_is_an_end_to_parts(server: LiveServer, people: Cast) -> None:
    """32 parts are read, 33 are not."""
    fields = [field_part(f"field{number}", "x") for number in range(31)]
    whole = post(SET, people.whole, file_part(picture()), *fields)
    over = post(SET, people.whole, file_part(picture()), *fields, field_part("more", "x"))

    assert "" == send(server, whole).error
    assert "invalid_form_data" == send(server, over).error


@pytest.mark.parametrize("name", ["token", "crop_x", "crop_y", "crop_w"])
def test_what_decides_comes_once(name: str, server: LiveServer, people: Cast) -> None:
    """Two values for one of these are refused (contract § 1.9)."""
    twice = [field_part(name, "1"), field_part(name, "2")]

    reply = send(server, post(SET, people.whole, file_part(picture()), *twice))

    assert "invalid_form_data" == reply.error


def test_names_have_a_longest_length(server: LiveServer) -> None:
    """255 characters are a name, 256 are not."""
    assert "" == send(server, form("api.test", None, **{"n" * 255: "1"})).error
    assert "invalid_arg_name" == send(server, form("api.test", None, **{"n" * 256: "1"})).error


def test_unknown_arguments_are_ignored(server: LiveServer, people: Cast) -> None:
    """SDKs add `team_id`, `as_user`, `pretty` and more."""
    request = form("users.info", people.whole, user=people.owner.id, team_id="T1", pretty="1")

    assert "" == send(server, request).error


def test_an_answer_is_the_last_thing_that_a_refusal_leaves(
    server: LiveServer, people: Cast
) -> None:
    """After an oversized body the connection ends; it cannot be read out of step."""
    request = upload(SET, people.whole, bytes(12 * 2**20))

    with connect(server) as line:
        line.sendall(request.raw())
        reply: Reply = read_reply(line)
        ended = line.recv(1)

    assert "too_large" == reply.error
    assert b"" == ended
