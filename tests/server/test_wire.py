"""Heads of answers as bytes."""

import re

import pytest

from likeness.server.wire import IDLE_S, Clock, head, refusal


def test_a_head_is_a_status_line_and_headers() -> None:
    """In the order given; a status that nobody knows has no words."""
    assert b"HTTP/1.1 200 OK\r\na: b\r\nc: d\r\n" == head(200, [(b"a", b"b"), (b"c", b"d")])
    assert b"HTTP/1.1 599 \r\n" == head(599, [])


@pytest.mark.parametrize(
    "pair", [(b"a", b"b\r\nc: d"), (b"a\n", b""), (b"a", b"\r"), (b"a", b"\0")]
)
def test_a_header_forges_no_other_one(pair: tuple[bytes, bytes]) -> None:
    """Whatever an application puts into it."""
    with pytest.raises(ValueError, match="line break"):
        head(200, [pair])


def test_every_head_ends_with_the_date_and_what_happens_next() -> None:
    """The date of the last tick."""
    clock = Clock()
    date = rb"date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n"
    clock.tick()

    kept = rb"connection: keep-alive\r\nkeep-alive: timeout=%d\r\n\r\n" % IDLE_S
    assert re.fullmatch(date + kept, clock.keep)
    assert re.fullmatch(date + rb"connection: close\r\n\r\n", clock.close)


def test_a_refusal_is_a_whole_answer() -> None:
    """With a sentence, and the last one of its connection."""
    start, _, body = refusal(408, "too slow", Clock()).partition(b"\r\n\r\n")

    assert start.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"content-length: 9\r\n" in start
    assert start.endswith(b"connection: close")
    assert b"too slow\n" == body
