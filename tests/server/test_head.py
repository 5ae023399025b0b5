"""Heads of requests: what is read out of one, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.server.head import (
    TARGET_LENGTH_MAX,
    BadRequestError,
    Fields,
    Head,
    read_head,
)

HOST = (b"host", b"photos.example.org")


def head(
    target: bytes = b"/a?b=c",
    *fields: tuple[bytes, bytes],
    method: str = "GET",
    version: str = "1.1",
    with_host: bool = True,
) -> Head:
    """A head with these headers, and a Host unless that is what is tried."""
    headers: Fields = [*([HOST] if with_host else []), *fields]
    return read_head(method, target, version, headers, keeps_alive=True)


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/a?b=c", b"/a", b"b=c"),
        (b"/", b"/", b""),
        (b"/a?", b"/a", b""),
        (b"/a?b?c", b"/a", b"b?c"),
        (b"/a#b?c", b"/a", b""),
        (b"//avatar/x", b"//avatar/x", b""),
        (b"http://elsewhere/a?b", b"/a", b"b"),
        (b"http://elsewhere", b"/", b""),
        (b"*", b"*", b""),
    ],
)
def test_a_target_is_a_path_and_a_query(target: bytes, path: bytes, query: bytes) -> None:
    """Also where a proxy was meant to be asked, whose whole URLs RFC 9112 has everybody take."""
    found = head(target)

    assert (path, query) == (found.path, found.query)


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ((), 0),
        (((b"content-length", b"17"),), 17),
        (((b"transfer-encoding", b"chunked"),), None),
        (((b"transfer-encoding", b"Chunked"),), None),
    ],
)
def test_a_head_says_how_long_the_body_is(
    fields: tuple[tuple[bytes, bytes], ...], length: int | None
) -> None:
    """None for a chunked one, whose end it says itself."""
    assert head(b"/", *fields, method="POST").length == length


@pytest.mark.parametrize("value", [b"100-continue", b"100-Continue"])
def test_a_client_may_wait_to_be_asked_for_the_body(value: bytes) -> None:
    """By HTTP/1.1; clients of HTTP/1.0 know nothing of that."""
    expecting = (b"expect", value)

    assert head(b"/", expecting).expects_continue
    assert not head(b"/", expecting, version="1.0").expects_continue
    assert not head().expects_continue


REFUSED = {
    "no host": (b"/", (), "1.1", False, 400),
    "two hosts": (b"/", (HOST,), "1.1", True, 400),
    "two hosts by HTTP/1.0": (b"/", (HOST,), "1.0", True, 400),
    "two tokens": (b"/", ((b"authorization", b"a"), (b"authorization", b"b")), "1.1", True, 400),
    "two types": (b"/", ((b"content-type", b"a"), (b"content-type", b"a")), "1.1", True, 400),
    "gzip": (b"/", ((b"transfer-encoding", b"gzip"),), "1.1", True, 400),
    "gzip and chunked": (b"/", ((b"transfer-encoding", b"gzip, chunked"),), "1.1", True, 400),
    "identity": (b"/", ((b"transfer-encoding", b"identity"),), "1.1", True, 400),
    "chunked by HTTP/1.0": (b"/", ((b"transfer-encoding", b"chunked"),), "1.0", True, 400),
    "HTTP/0.9": (b"/", (), "0.9", True, 400),
    "HTTP/2.0": (b"/", (), "2.0", True, 400),
    "a long target": (b"/" + b"a" * TARGET_LENGTH_MAX, (), "1.1", True, 414),
    "no URL": (b"http://[", (), "1.1", True, 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_be_understood_in_two_ways_is_refused(name: str) -> None:
    """With a status and a sentence."""
    target, fields, version, with_host, status = REFUSED[name]

    with pytest.raises(BadRequestError) as refused:
        head(target, *fields, version=version, with_host=with_host)

    assert status == refused.value.status
    assert refused.value.text


def test_this_is_no_proxy() -> None:
    """CONNECT has no path to answer."""
    with pytest.raises(BadRequestError, match="proxy"):
        head(b"photos.example.org:443", method="CONNECT")


def test_http_1_0_needs_no_host() -> None:
    """It was invented later."""
    assert head(version="1.0", with_host=False).version == "1.0"


@given(st.binary(max_size=200), st.lists(st.tuples(st.binary(), st.binary()), max_size=5))
def test_any_head_is_read_or_refused(target: bytes, fields: Fields) -> None:
    """Nothing else is raised."""
    numbered = [pair for pair in fields if pair[0] != b"content-length"]
    try:
        found = read_head("GET", target, "1.1", numbered, keeps_alive=True)
    except BadRequestError as refused:
        assert 400 <= refused.status < 600  # noqa: PT017 - It may be raised, or not.
    else:
        assert found.headers == numbered
