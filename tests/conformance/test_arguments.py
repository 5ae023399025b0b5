"""What callers write into arguments that are no texts, as a socket sees it."""

import pytest

from support.live import LiveServer
from support.people import Cast
from support.wire import document, form, send


@pytest.mark.parametrize("value", ["1", "0", "true", "false", "True", "on", "no", ""])
def test_booleans_are_written_in_many_ways(value: str, server: LiveServer, people: Cast) -> None:
    """1/0 from Python and Java, true/false from Node, on from a form of HTML."""
    request = form("users.info", people.whole, user=people.owner.id, include_locale=value)

    answer = send(server, request).document

    assert (value.lower() in {"1", "true", "on"}) == ("locale" in answer["user"])


def test_what_has_no_effect_fails_no_call(server: LiveServer, people: Cast) -> None:
    """Whatever is in it."""
    request = form("users.profile.get", people.whole, include_labels="maybe")

    assert "" == send(server, request).error


def test_an_argument_that_decides_comes_once_in_json_too(server: LiveServer, people: Cast) -> None:
    """A parser that takes the last one and a proxy that takes the first would not agree."""
    body = b'{"token": "xoxb-1", "token": "xoxb-2"}'

    assert "invalid_form_data" == send(server, document("auth.test", None, body)).error
