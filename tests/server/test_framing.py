"""Where the body of an answer ends."""

import pytest

from likeness.server.framing import Framing
from likeness.server.head import Fields, Head


def asked(method: str = "GET", version: str = "1.1") -> Head:
    """A request."""
    return Head(method, b"/", b"", version, [], 0, keeps_alive=True, expects_continue=False)


def framing(
    body: bytes = b"", *fields: tuple[bytes, bytes], head: Head | None = None, **options: object
) -> Framing:
    """The framing of an answer that begins so."""
    status = int(str(options.get("status", 200)))
    is_last = bool(options.get("is_last", True))
    return Framing.of(head or asked(), status, list(fields), body, is_last=is_last)


def test_a_body_that_is_there_has_a_length() -> None:
    """Which is said, if the application has not said it."""
    assert [(b"content-length", b"5")] == framing(b"hello").fields
    assert [] == framing(b"hello", (b"content-length", b"5")).fields
    assert (b"hello",) == framing(b"hello").parts(b"hello", is_last=True)


def test_a_body_that_comes_in_parts_comes_in_chunks() -> None:
    """Empty parts send nothing, for an empty chunk is the end."""
    chunked = framing(b"a", is_last=False)

    assert [(b"transfer-encoding", b"chunked")] == chunked.fields
    assert (b"1\r\n", b"a", b"\r\n") == chunked.parts(b"a", is_last=False)
    assert () == chunked.parts(b"", is_last=False)
    assert b"2\r\nbc\r\n0\r\n\r\n" == b"".join(chunked.parts(b"bc", is_last=True))
    assert (b"0\r\n\r\n",) == chunked.parts(b"", is_last=True)
    assert not chunked.ends_connection


def test_old_clients_see_the_end_by_the_end_of_the_connection() -> None:
    """They know nothing of chunks."""
    old = framing(b"a", is_last=False, head=asked(version="1.0"))

    assert ([], True) == (old.fields, old.ends_connection)
    assert (b"a",) == old.parts(b"a", is_last=False)
    assert () == old.parts(b"", is_last=True)


@pytest.mark.parametrize(("head", "status"), [(asked("HEAD"), 200), (asked(), 304), (asked(), 204)])
def test_some_answers_have_no_body(head: Head, status: int) -> None:
    """Whatever the application sends; a length is that of what there would be."""
    length: Fields = [(b"content-length", b"5")]
    silent = framing(b"hello", *length, head=head, status=status)

    assert ([], False) == (silent.fields, silent.ends_connection)
    assert () == silent.parts(b"hello", is_last=True)
    assert not framing(b"", head=head, status=status, is_last=False).ends_connection


@pytest.mark.parametrize("parts", [[b"toolong"], [b"abc", b"def"], [b"shrt"], [b"ab", b"c"]])
def test_a_body_is_as_long_as_its_head_says(parts: list[bytes]) -> None:
    """Else the next answer would be misunderstood."""
    framed = framing(parts[0], (b"content-length", b"5"), is_last=len(parts) == 1)

    with pytest.raises(RuntimeError, match="not as long"):
        _ = [framed.parts(part, is_last=part is parts[-1]) for part in parts]
