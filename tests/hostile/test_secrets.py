"""No token and no key leaves its place: not by logs, answers, figures or files."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from likeness.accounts import new_token_text
from likeness.model import TokenKind
from support import web
from support.live import LiveServer, add_person
from support.people import Cast, cast
from support.pictures import jpeg
from support.scenarios import SET, broken_store
from support.wire import bearer, document, field_part, form, get, post, send, send_raw


@pytest.fixture(params=["json", "console"])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    """A service of its own, whose log is read to the last line; both shapes of lines."""
    settings = {"RATE_LIMITS": "off", "LOG_FORMAT": str(request.param)}
    with LiveServer(tmp_path / "data", settings) as live:
        yield live


def tokens_of(people: Cast) -> list[str]:
    """Every token that was issued."""
    return [text for text in vars(people).values() if str(text).startswith("xox")]


def misuse(server: LiveServer, token: str) -> list[str]:
    """A token in each place where one can stand, right or wrong; the bodies of the answers."""
    header, value = bearer(token)
    lines = (f"GET /api/auth.test?token={token} HTTP/1.1", "Host: x", f"{header}: {value}")
    requests = [
        get("auth.test", token),
        replace(get("auth.test", None), query=f"token={token}"),
        replace(form("auth.test", None), body=f"token={token}".encode()),
        replace(form("api.test", token), body=f"token={token}&foo=bar".encode()),
        post(SET, token),
        post(SET, None, field_part("token", token)),
        document("auth.test", None, b'{"token": "%s"}' % token.encode()),
        document("auth.test", token, b"no json"),
        form("users.info", token, user=token[:20]),
    ]
    replies = [send(server, request).body.decode() for request in requests]
    cut = send_raw(server, "\r\n".join([*lines, "", ""]).encode(), verb="GET")
    return [*replies, cut.body.decode()]


def test_tokens_are_in_no_log_no_answer_and_no_figure(server: LiveServer) -> None:
    """Whoever calls, however wrongly; also for a call that fails inside, with its traceback."""
    people = cast(server)
    strangers = [new_token_text(kind).reveal() for kind in TokenKind]
    tokens = [*tokens_of(people), *strangers]

    answers = [answer for token in tokens for answer in misuse(server, token)]
    with broken_store(server):
        failed = web.post(
            f"{server.api}{SET}",
            headers=dict([bearer(people.whole)]),
            files={"image": jpeg(512, 512)},
        )
    figures = web.get(f"{server.url}/metrics").text
    log = server.log()

    assert failed.json()["error"] == "internal_error"
    assert "Traceback" in log
    for token in tokens:
        secret = token.partition("-")[2]
        for place in (*answers, failed.text, figures, log):
            assert secret not in place


def test_what_is_kept_of_a_token_does_not_give_it_away(server: LiveServer) -> None:
    """Neither the database nor any other file has its text; the key is its owner's alone."""
    token = add_person(server).token
    server.stop()
    key = server.data / "secret.key"

    with closing(sqlite3.connect(server.data / "likeness.db")) as connection:
        [(digest,)] = connection.execute("SELECT digest FROM tokens").fetchall()
    files = [path for path in server.data.rglob("*") if path.is_file()]

    assert len(digest) == 32
    assert 0o600 == key.stat().st_mode & 0o777
    assert [path for path in files if token[5:].encode() in path.read_bytes()] == []
    assert [p for p in files if key.read_bytes() in p.read_bytes()] == [key]


def test_a_key_from_the_settings_is_shown_nowhere(tmp_path: Path) -> None:
    """Not at the start, not by `config`, not on the disk."""
    secret = secrets.token_hex(32)
    with LiveServer(tmp_path / "data", {"SECRET_KEY": secret}) as server:
        add_person(server)
        log = server.log()

    assert secret not in log
    assert not (tmp_path / "data" / "secret.key").exists()
    assert [
        p for p in tmp_path.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()
    ] == []
