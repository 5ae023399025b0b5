"""The envelope: the order of its keys, its messages, and the headers of every answer."""

import json
from typing import Any

import pytest
from starlette.responses import Response

from likeness.errors import BadImage, InvalidArguments, MissingScope, NotAuthed, Ratelimited
from likeness.webapi.method import Answer
from likeness.webapi.response import preflight, refuse, request_headers, succeed


def parsed(response: Response) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(bytes(response.body))
    return body


def test_success_begins_with_ok_and_is_compact() -> None:
    response = succeed(Answer({"profile": {"avatar_hash": "é"}}), (), {})
    assert bytes(response.body) == b'{"ok":true,"profile":{"avatar_hash":"\\u00e9"}}'
    assert response.status_code == 200


def test_an_answer_without_payload_is_only_ok() -> None:
    assert bytes(succeed(Answer(), (), {}).body) == b'{"ok":true}'


def test_a_method_may_say_not_ok_itself() -> None:
    answer = Answer({"ok": False, "error": "mine"})
    assert list(parsed(succeed(answer, (), {})).items()) == [("ok", False), ("error", "mine")]


def test_warnings_stand_at_the_end_twice() -> None:
    body = parsed(succeed(Answer({"a": 1}), ("missing_charset", "superfluous_charset"), {}))
    assert list(body) == ["ok", "a", "warning", "response_metadata"]
    assert body["warning"] == "missing_charset,superfluous_charset"
    assert body["response_metadata"] == {"warnings": ["missing_charset", "superfluous_charset"]}


def test_notes_become_messages_that_warn() -> None:
    body = parsed(succeed(Answer({"a": 1}, ("look",)), (), {}))
    assert body["response_metadata"] == {"messages": ["[WARN] look"]}
    assert "warning" not in body


def test_metadata_of_a_method_is_kept_and_comes_last() -> None:
    answer = Answer({"response_metadata": {"next_cursor": "x"}, "members": []}, ("n",))
    body = parsed(succeed(answer, ("missing_charset",), {}))
    assert list(body) == ["ok", "members", "warning", "response_metadata"]
    assert list(body["response_metadata"].items()) == [
        ("next_cursor", "x"),
        ("messages", ["[WARN] n"]),
        ("warnings", ["missing_charset"]),
    ]


def test_the_payload_of_a_method_is_not_changed() -> None:
    payload = {"response_metadata": {"next_cursor": ""}}
    succeed(Answer(payload), ("missing_charset",), {})
    assert payload == {"response_metadata": {"next_cursor": ""}}


def test_a_refusal_is_http_200_with_its_reason() -> None:
    response = refuse(BadImage("this is a text file"), {})
    assert response.status_code == 200
    assert parsed(response) == {
        "ok": False,
        "error": "bad_image",
        "response_metadata": {"messages": ["[ERROR] this is a text file"]},
    }


def test_a_refusal_points_at_its_argument() -> None:
    body = parsed(refuse(InvalidArguments("must be an integer", argument="crop_x"), {}))
    messages = body["response_metadata"]["messages"]
    assert messages == ["[ERROR] must be an integer [json-pointer:/crop_x]"]


def test_details_stand_beside_the_error() -> None:
    body = parsed(refuse(MissingScope("no", needed="a", provided="b,c"), {}))
    assert list(body) == ["ok", "error", "needed", "provided", "response_metadata"]
    assert (body["needed"], body["provided"]) == ("a", "b,c")


def test_only_a_rate_limit_is_http_429() -> None:
    response = refuse(Ratelimited("wait", 17), {"X-Slack-Req-Id": "r"})
    assert response.status_code == 429
    assert response.headers["retry-after"] == "17"
    assert response.headers["x-slack-req-id"] == "r"
    assert parsed(response)["error"] == "ratelimited"


def test_robots_are_kept_off_calls_without_a_token() -> None:
    assert refuse(NotAuthed("no token"), {}).headers["x-robots-tag"] == "noindex,nofollow"
    assert "x-robots-tag" not in refuse(BadImage("no"), {}).headers


@pytest.mark.parametrize("response", [succeed(Answer(), (), {}), refuse(BadImage("no"), {})])
def test_every_answer_is_json_that_nobody_stores(response: Response) -> None:
    assert response.headers.getlist("content-type") == ["application/json; charset=utf-8"]
    assert "no-store" in response.headers["cache-control"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["vary"] == "Accept-Encoding"


def test_a_browser_is_told_what_it_may_send() -> None:
    response = preflight({"X-Slack-Req-Id": "r"})
    assert (response.status_code, bytes(response.body)) == (200, b"")
    assert response.headers["access-control-allow-methods"] == "GET, POST"
    assert "content-type" in response.headers["access-control-allow-headers"]
    assert response.headers["x-slack-req-id"] == "r"


def test_headers_of_a_call_without_a_caller() -> None:
    headers = request_headers("r", is_https=False, scopes=None, accepted="users:read")
    assert headers == {"X-Slack-Req-Id": "r"}


def test_headers_name_the_scopes_held_and_needed() -> None:
    headers = request_headers("r", is_https=False, scopes=("a", "b"), accepted="a")
    assert headers["X-OAuth-Scopes"] == "a,b"
    assert headers["X-Accepted-OAuth-Scopes"] == "a"


def test_a_method_that_needs_no_scope_names_none() -> None:
    headers = request_headers("r", is_https=False, scopes=("a",), accepted=None)
    assert "X-Accepted-OAuth-Scopes" not in headers


def test_browsers_are_kept_on_https_only_where_it_is_served() -> None:
    secure = request_headers("r", is_https=True, scopes=None, accepted=None)
    assert secure["Strict-Transport-Security"].startswith("max-age=31536000")
