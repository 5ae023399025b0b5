"""Calls that missed `/api/`, through a socket, and paths that are nobody's."""

import pytest

from support.live import LiveServer
from support.web import get, post, put

TOKEN = "xoxp-nobodys"
LOST = [
    "/auth.test",
    "/users.setPhoto",
    "/slack/api/auth.test",
    "//api/auth.test",
    "/api/api/auth.test",
    "/api//auth.test",
    "/api/auth.test/",
    "/api/v1/auth.test",
]


@pytest.mark.parametrize("path", LOST)
def test_a_call_that_missed_is_told_where_methods_are(path: str, server: LiveServer) -> None:
    """By GET and by POST, with HTTP 200, since Node's client repeats anything else for long."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    method = path.rstrip("/").rpartition("/")[2]

    for answer in (
        get(f"{server.url}{path}", headers=headers),
        post(f"{server.url}{path}", headers=headers, files={"image": ("me", bytes(2**21))}),
    ):
        assert answer.status_code == 200
        assert answer.json()["error"] == "unknown_method"
        [message] = answer.json()["response_metadata"]["messages"]
        assert f"call {server.url}/api/{method}," in message
        assert TOKEN not in answer.text


def test_a_method_that_is_none_is_looked_for_at_the_right_place(server: LiveServer) -> None:
    """A client's first call may be any. What no client calls is no call."""
    answer = post(f"{server.url}/users.getPresence")

    assert answer.json()["error"] == "unknown_method"
    assert f"below {server.url}/api/" in answer.json()["response_metadata"]["messages"][0]
    for path in ("/xmlrpc.php", "/users", "/users/x", "/.env", "/api", "/robots.txt"):
        assert post(f"{server.url}{path}").status_code == 404
    assert get(f"{server.url}/users.json").status_code == 404


def test_another_verb_is_no_method_wherever_it_goes(server: LiveServer) -> None:
    """As decision 1 says."""
    for path in ("/auth.test", "/api/auth.test"):
        answer = put(f"{server.url}{path}")
        assert (answer.status_code, answer.json()["error"]) == (200, "unknown_method")
