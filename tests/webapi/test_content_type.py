"""The types of bodies: which there are, and what is said of all others in plain words."""

import pytest
from starlette.datastructures import Headers

from likeness.errors import InvalidCharset, InvalidPostType, MissingPostType
from likeness.webapi.content_type import MULTIPART, URLENCODED, ContentType


def kind(*lines: str) -> ContentType:
    """The type of a request with these Content-Type headers."""
    return ContentType.of(Headers(raw=[(b"content-type", line.encode()) for line in lines]))


def test_type_and_charset_are_read_in_any_case() -> None:
    seen = kind("Application/JSON; Charset=UTF-8")
    assert (seen.media, seen.charset, seen.count) == ("application/json", "utf-8", 1)
    assert seen.header == "Application/JSON; Charset=UTF-8"


def test_a_tab_is_as_good_as_a_space() -> None:
    seen = kind("application/json;\tcharset=utf-7")
    assert (seen.media, seen.charset) == ("application/json", "utf-7")


def test_nothing_is_said_without_a_header() -> None:
    assert kind() == ContentType("", "", "", 0)


@pytest.mark.parametrize(
    ("line", "is_form"), [(URLENCODED, True), (f"{MULTIPART}; boundary=x", True), ("a/b", False)]
)
def test_forms_are_told_from_the_rest(line: str, is_form: bool) -> None:
    assert kind(line).is_form is is_form


def test_a_missing_type_is_told_the_types_that_there_are() -> None:
    with pytest.raises(MissingPostType) as caught:
        kind().check()
    assert caught.value.message == (
        "the body came without a Content-Type; send application/json, "
        "application/x-www-form-urlencoded, multipart/form-data or text/plain"
    )


def test_a_wrong_type_is_shown_with_those_that_are_right() -> None:
    with pytest.raises(InvalidPostType, match=r"'image/png'; send application/json, .* or text/pl"):
        kind("image/png").check()
    with pytest.raises(InvalidPostType) as caught:
        kind("a/" + "b" * 5000).check()
    assert len(caught.value.message) < 250


def test_a_wrong_charset_is_shown_with_those_that_are_right() -> None:
    with pytest.raises(InvalidCharset, match="'koi8-r'; it may be utf-8 or iso-8859-1"):
        kind(f"{URLENCODED}; charset=koi8-r").check()


def test_two_types_are_one_too_many() -> None:
    """Of which a proxy might have taken the other one for true."""
    with pytest.raises(InvalidPostType, match="2 Content-Types; send one"):
        kind(URLENCODED, MULTIPART).check()


@pytest.mark.parametrize(
    ("line", "warnings"),
    [
        (URLENCODED, ()),
        (f"{URLENCODED}; charset=utf-8", ("superfluous_charset",)),
        ("text/plain", ("missing_charset",)),
        ("text/plain; charset=utf-8", ()),
    ],
)
def test_charsets_are_remarked_upon(line: str, warnings: tuple[str, ...]) -> None:
    assert kind(line).check() == warnings
