"""Answers as a server sends them: bodies, tags, moments, HEAD."""

import math
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

import pytest

from likeness.avatars.answer import (
    FOR_EVER,
    NOT_KEPT,
    SHARED,
    STALE_S_MAX,
    Answer,
    kept_for,
    picture,
    redirect,
    unavailable,
    words,
)
from likeness.avatars.cache import AnswerCache
from likeness.avatars.gravatar import wanted
from likeness.delivery import File
from likeness.model import Format

CHANGED = datetime(2026, 11, 23, 12, 34, 56, 789012, tzinfo=UTC)
FILE = File(b"pixels", Format.JPEG)
USUAL: Final = kept_for(timedelta(minutes=5))


def sent(answer: Answer, verb: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """What goes over the wire; `_` in the names of headers stands for `-`."""
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    start, body = answer.messages({"method": verb, "headers": pairs})
    named = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], named, body["body"]


def test_a_picture_is_sent_whole() -> None:
    """With its type, its length and both validators."""
    status, headers, body = sent(picture(FILE, FOR_EVER, changed_at=CHANGED))

    assert (status, body) == (200, b"pixels")
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-length"] == "6"
    assert headers["cache-control"] == FOR_EVER
    assert headers["cdn-cache-control"] == SHARED
    assert headers["last-modified"] == "Mon, 23 Nov 2026 12:34:56 GMT"
    assert headers["etag"].startswith('"')


@pytest.mark.parametrize(
    ("seconds", "stale_s"), [(0, 0), (30, 30), (60, 60), (300, STALE_S_MAX), (86400, STALE_S_MAX)]
)
def test_how_long_an_answer_is_kept_is_told_whole(seconds: int, stale_s: int) -> None:
    """Where each change is to be seen at once, no old answer may be shown once more."""
    life = f"public, max-age={seconds}, stale-while-revalidate={stale_s}, stale-if-error=604800"

    assert kept_for(timedelta(seconds=seconds)) == life


def test_head_has_the_headers_alone() -> None:
    """The same ones."""
    answer = picture(FILE, FOR_EVER)
    status, headers, body = sent(answer, "HEAD")

    assert (status, body) == (200, b"")
    assert headers == sent(answer)[1]


def test_who_has_it_is_not_sent_it_again() -> None:
    """By its tag, weak or in a list or any, or by the moment; the tag outweighs the moment."""
    answer = picture(FILE, FOR_EVER, changed_at=CHANGED)
    tag = sent(answer)[1]["etag"]
    later, before = "Mon, 23 Nov 2026 12:34:56 GMT", "Mon, 23 Nov 2026 12:34:55 GMT"

    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        status, headers, body = sent(answer, if_none_match=known)
        assert (status, body) == (304, b"")
        assert headers["etag"] == tag
        assert "content-length" not in headers
    assert sent(answer, if_modified_since=later)[0] == 304
    assert sent(answer, "HEAD", if_modified_since=later)[0] == 304
    for unknown in ('"other"', "", f"{tag[:-2]}"):
        assert sent(answer, if_none_match=unknown, if_modified_since=later)[0] == 200
    assert sent(answer, if_modified_since=before)[0] == 200
    # Whoever saw a newer photo, which was taken back since, has not seen this one.
    assert sent(answer, if_modified_since="Mon, 23 Nov 2026 13:00:00 GMT")[0] == 200


@pytest.mark.parametrize("since", ["rubbish", "Mon, 23 Nov 2126 12:34:56", "", "0"])
def test_what_is_no_moment_is_ignored(since: str) -> None:
    """Also one without a zone."""
    answer = picture(FILE, FOR_EVER, changed_at=CHANGED)

    assert sent(answer, if_modified_since=since)[0] == 200


def test_a_moment_says_nothing_of_what_has_none() -> None:
    """Only pictures by hash have one."""
    moment = "Mon, 23 Nov 2126 12:34:56 GMT"

    assert sent(picture(FILE, FOR_EVER), if_modified_since=moment)[0] == 200


def test_equal_bytes_have_equal_tags_and_others_have_others() -> None:
    """The tag is of the bytes and of nothing that must stay secret."""
    tags = [
        sent(picture(File(data, Format.PNG), FOR_EVER))[1]["etag"] for data in (b"a", b"a", b"b")
    ]

    assert tags[0] == tags[1] != tags[2]


def test_what_stands_in_is_not_kept_for_long() -> None:
    """Else caches would have a picture of the wrong size for ever."""
    headers = sent(picture(File(b"x", Format.PNG, stands_in=True), FOR_EVER))[1]

    assert headers["cache-control"] == "public, max-age=60"


def test_other_answers_are_no_pictures() -> None:
    """A redirect, words, an outage: each with the headers that keep a page harmless."""
    for answer, status, name, text in (
        (redirect("http://x/y", "no-store"), 302, "location", "http://x/y"),
        (words(404, "no such photo", "no-store"), 404, "content-type", "text/plain; charset=utf-8"),
        (unavailable(), 503, "retry-after", "5"),
    ):
        found, headers, _ = sent(answer, if_none_match="*")
        assert (found, headers[name]) == (status, text)
        assert headers["x-content-type-options"] == "nosniff"


def test_the_weight_is_a_little_more_than_the_body() -> None:
    """A cache of photos holds mostly photos."""
    assert 10_000 < picture(File(bytes(10_000), Format.PNG), FOR_EVER).weight < 14_000


NONE: Final = words(404, "no photo", "no-store")
KEPT: Final[dict[str, Callable[[bytes], Answer]]] = {
    "a photo": lambda seed: picture(File(seed * 100, Format.JPEG), FOR_EVER),
    "a drawn picture": lambda seed: picture(
        File(seed * 10, Format.PNG), USUAL, varies=True, changed_at=CHANGED
    ),
    "none": lambda _: NONE,
    "a redirect": lambda seed: redirect(f"https://x/{seed.hex() * 50}", USUAL),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_bound_on_weights_bounds_memory(name: str) -> None:
    """A cache takes no more than its answers weigh, keys, heads for the short way and all."""
    cache, number = AnswerCache(10**9, math.inf), 1000
    tracemalloc.start()
    try:
        for each in range(number):
            seed = sha256(b"%d" % each).digest()
            answer = KEPT[name](seed).about(f"U{each}")
            answer.wire("GET", [])
            cache._keep((wanted(seed.hex(), b"s=80&name=Ada"), ()), answer)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert taken < cache.weight < 6 * taken


def test_shared_caches_keep_a_picture_for_less_than_a_minute() -> None:
    """Whatever browsers may do; what is nobody else's they do not keep at all."""
    seconds = int(SHARED.partition("max-age=")[2].partition(",")[0])

    assert seconds <= 30
    assert "cdn-cache-control" not in sent(picture(FILE, NOT_KEPT))[1]
