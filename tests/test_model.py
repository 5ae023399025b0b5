"""The nouns: names of files and URLs, sizes, and secrets that do not show themselves."""

import copy
import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import FrozenInstanceError, astuple, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.accounts import IssuedToken
from likeness.model import (
    AVATAR_HASH_LENGTH,
    FORMATS_MADE,
    ORIGINAL,
    SECRET_LENGTH,
    SIZES,
    Address,
    Caller,
    Crop,
    Format,
    Photo,
    PhotoState,
    Rendition,
    Secret,
    Token,
    TokenKind,
    Window,
)
from support.rows import NOW, photo, staged, team, user

TEXT: Final = "xoxp-no-one-may-see-this"
STEM: Final = "avatars/2026-11-23/123456789012_0123456789abcdef0123_"
KEY: Final = re.compile(r"[0-9a-z_-][0-9a-z._-]*(?:/[0-9a-z_-][0-9a-z._-]*)+")

LADDERS: Final = st.sets(st.integers(1, 1024), min_size=1).map(lambda sizes: tuple(sorted(sizes)))

PARTS: Final = [
    # What the row says is so.
    (Window(1, 2, 500, 500), 1000, 1000, (24, 500), Window(1, 2, 500, 500)),
    (Window(0, 0, 800, 600), 800, 600, (24, 800), Window(0, 0, 800, 600)),
    # Of older rows: a box is never longer than the shorter side of a picture.
    (None, 1024, 600, (24, 1024), Window(0, 0, 1024, 600)),
    (None, 512, 512, (24, 512), Window(0, 0, 512, 512)),
    (None, 800, 800, (24, 512), None),
    (None, 1000, 600, (24, 512), None),
]

SHOWINGS: Final[dict[str, Callable[[Any], str]]] = {
    "repr": repr,
    "str": str,
    "format": format,
    "format method": "{}".format,
    "format method with a repr": "{!r}".format,
    "f-string": lambda secret: f"{secret}",
    "f-string with a width": lambda secret: f"{secret!s:>100}",
    "per cent s": lambda secret: "%s" % (secret,),  # noqa: UP031 - what is tested.
    "per cent r": lambda secret: "%r" % (secret,),  # noqa: UP031 - what is tested.
    "in a list": lambda secret: str([secret]),
    "in a dict": lambda secret: str({"token": secret}),
    "in an exception": lambda secret: repr(ValueError(secret)),
    "in a dataclass": lambda secret: repr(IssuedToken(secret, token())),
}


def token() -> Token:
    """A token as it is kept."""
    return Token(1, b"the digest", user().id, TokenKind.USER, ("users:read",), NOW)


def test_slacks_sizes_are_all_there() -> None:
    """As profiles name them, ascending."""
    assert (24, 32, 48, 72, 192, 512, 1024) == SIZES
    assert "original" == ORIGINAL
    assert (12, 20) == (AVATAR_HASH_LENGTH, SECRET_LENGTH)


@pytest.mark.parametrize(
    ("form", "extension", "media_type"),
    [
        (Format.JPEG, "jpg", "image/jpeg"),
        (Format.PNG, "png", "image/png"),
        (Format.GIF, "gif", "image/gif"),
        (Format.WEBP, "webp", "image/webp"),
    ],
)
def test_a_format_has_its_suffix_and_its_type(
    form: Format, extension: str, media_type: str
) -> None:
    """As browsers and file managers know them."""
    assert (extension, media_type) == (form.extension, form.media_type)


def test_every_format_and_kind_is_a_word() -> None:
    """As the database keeps them."""
    assert ["jpeg", "png", "gif", "webp"] == [str(form) for form in FORMATS_MADE]
    assert ["xoxp", "xoxb"] == [str(kind) for kind in TokenKind]
    assert ["current", "replaced", "expired", "deleted"] == [str(state) for state in PhotoState]


@pytest.mark.parametrize("show", SHOWINGS.values(), ids=SHOWINGS)
def test_a_secret_never_shows_itself(show: Callable[[Any], str]) -> None:
    """Stars, whatever it is printed with or in."""
    shown = show(Secret(TEXT))

    assert TEXT not in shown
    assert "Secret(****)" in shown


def test_a_secret_does_not_show_itself_in_logs_and_tracebacks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where an error is written down with what it was about."""
    secret = Secret(TEXT)
    logging.getLogger("test").error("refused %s %r", secret, {"token": secret})
    trace = "".join(
        traceback.TracebackException.from_exception(KeyError(secret), capture_locals=True).format()
    )

    assert TEXT not in caplog.text
    assert TEXT not in trace
    assert "Secret(****)" in trace


@given(text=st.text(min_size=20))
def test_no_secret_text_is_shown(text: str) -> None:
    """Equal stars for all, so that not even the length is told; revealing gives it whole."""
    assert repr(Secret("")) == repr(Secret(text)) == str(Secret(text)) == f"{Secret(text)}"
    assert text == Secret(text).reveal()


def test_a_secret_is_a_value() -> None:
    """Equal by its text to another secret, to nothing else."""
    secret, text = Secret(TEXT), cast("object", TEXT)

    assert secret == Secret(TEXT) == copy.copy(secret)
    assert secret != Secret(TEXT + "x")
    assert secret != text


@pytest.mark.parametrize("form", FORMATS_MADE)
@pytest.mark.parametrize("name", ["original", "24", "1024", "512_still"])
def test_a_key_names_photo_size_and_format(form: Format, name: str) -> None:
    """Stills are PNG, whatever the photo is; every key is one that blob stores take."""
    mine = photo(id=123456789012, format=form)

    extension = "png" if name.endswith("_still") else form.extension
    assert f"{STEM}{name}.{extension}" == mine.key(name)
    assert STEM == mine.stem
    assert KEY.fullmatch(mine.key(name))


def test_a_day_has_two_digits_for_month_and_day() -> None:
    """And four for the year, so that folders sort by time."""
    assert "avatars/0999-01-02/" == photo(day=date(999, 1, 2)).stem[:19]


def test_the_hash_of_a_photo_is_the_beginning_of_its_secret() -> None:
    """Twelve of the twenty digits; the others keep its URLs unguessable."""
    assert "0123456789ab" == photo().avatar_hash


@pytest.mark.parametrize(
    ("sizes", "size", "expected"),
    [
        (SIZES, 512, 512),
        (SIZES[:6], 1024, 512),
        (SIZES[:6], 511, 192),
        ((24,), 1024, 24),
        ((24,), 23, 24),
        ((32, 48), 24, 32),
    ],
)
def test_a_size_that_was_not_made_shows_another(
    sizes: tuple[int, ...], size: int, expected: int
) -> None:
    """The next one below, or else the smallest."""
    assert expected == photo(sizes=sizes).size_shown(size)


@given(sizes=LADDERS, size=st.integers(0, 2000))
def test_the_size_shown_is_the_largest_that_is_not_above(sizes: tuple[int, ...], size: int) -> None:
    """It was made; none made lies between it and what was asked for."""
    shown = photo(sizes=sizes).size_shown(size)

    assert shown in sizes
    assert shown <= size or shown == min(sizes)
    assert not [made for made in sizes if shown < made <= size]


@given(sizes=LADDERS, sizes_asked=st.lists(st.integers(0, 2000)).map(sorted))
def test_who_asks_for_more_never_gets_less(sizes: tuple[int, ...], sizes_asked: list[int]) -> None:
    """Sizes shown have the order of sizes asked for."""
    shown = [photo(sizes=sizes).size_shown(size) for size in sizes_asked]

    assert sorted(shown) == shown


@pytest.mark.parametrize(("window", "width", "height", "sizes", "part"), PARTS)
def test_the_part_that_is_shown_is_known_or_not(
    window: Window | None, width: int, height: int, sizes: tuple[int, ...], part: Window | None
) -> None:
    """By the row, or for an older one where nothing can have been cut off."""
    mine = photo(window=window, width=width, height=height, sizes=sizes)

    assert mine.part == part
    assert mine.is_square == (part == Window(0, 0, 800, 800) or part == Window(0, 0, 512, 512))


def test_a_photo_has_a_key_for_each_size_and_the_original() -> None:
    """Eight files, one name each."""
    mine = photo(id=123456789012)

    assert [
        f"{STEM}{name}.jpg" for name in ("original", "24", "32", "48", "72", "192", "512", "1024")
    ] == mine.blob_keys()
    assert not mine.is_animated


@pytest.mark.parametrize("frames", [2, 100])
def test_an_animation_has_a_still_twin_of_each_size(frames: int) -> None:
    """But not of the original."""
    mine = photo(id=123456789012, format=Format.GIF, sizes=(24, 512), frames=frames)

    names = ["original.gif", "24.gif", "512.gif", "24_still.png", "512_still.png"]
    assert [STEM + name for name in names] == mine.blob_keys()
    assert mine.is_animated


@given(sizes=LADDERS, frames=st.integers(1, 3), form=st.sampled_from(FORMATS_MADE))
def test_the_keys_of_a_photo_are_distinct_and_its_own(
    sizes: tuple[int, ...], frames: int, form: Format
) -> None:
    """As many as there are files; no other photo has one of them."""
    mine = photo(sizes=sizes, frames=frames, format=form)
    other = photo(sizes=sizes, frames=frames, format=form)

    assert (1 + len(sizes) * (2 if frames > 1 else 1)) == len(set(mine.blob_keys()))
    assert set() == set(mine.blob_keys()) & set(other.blob_keys())
    assert all(KEY.fullmatch(key) and key.startswith(mine.stem) for key in mine.blob_keys())


@pytest.mark.parametrize(
    ("email", "digest"),
    [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("myemailaddress@example.com", "0bc83cb571cd1c50ba6f3e8a78ef1346"),
    ],
)
def test_an_address_has_gravatars_hash(email: str, digest: str) -> None:
    """The second one is the example of Gravatar's own pages."""
    assert digest == user(email=email).email_md5


def test_an_address_in_other_letters_can_be_hashed() -> None:
    """As UTF-8."""
    assert re.fullmatch("[0-9a-f]{32}", user(email="é@例.jp").email_md5)


def test_digests_do_not_show_themselves() -> None:
    """Neither that of a token nor that of an upload, alone or in somebody's description."""
    upload = b"the upload"
    mine = photo(source_digest=upload, upload_digest=upload)
    caller = Caller(user(photo=mine), team(), token())

    assert "the digest" not in repr(caller)
    assert "the upload" not in repr(caller) + repr(staged(upload_digest=upload))
    assert "users:read" in repr(caller)


@pytest.mark.parametrize(
    "noun",
    [
        photo(),
        user(),
        team(),
        token(),
        staged(),
        Caller(user(), team(), token()),
        Crop(0, 0, 1),
        Rendition("24", Format.PNG, b"x"),
        Secret(TEXT),
    ],
    ids=lambda noun: type(noun).__name__,
)
def test_nouns_are_values(noun: Any) -> None:
    """Equal when their contents are, and nothing about them can be changed."""
    name = next(iter(noun.__dataclass_fields__))

    assert noun == replace(noun)
    assert hash(noun) == hash(replace(noun))
    assert len(astuple(noun)) == len(noun.__dataclass_fields__)
    with pytest.raises(FrozenInstanceError):
        setattr(noun, name, None)


def test_what_may_be_left_out_is_plain() -> None:
    """A photo is current, nobody is deleted, and tokens live on."""
    bare = Photo(
        *(1, "U1", date(2026, 11, 23), "0" * 20, Format.PNG, (24,), 24, 24, 1, b""),
        set_at=datetime(2026, 11, 23, tzinfo=UTC),
    )

    assert (PhotoState.CURRENT, None) == (bare.state, bare.upload_digest)
    assert (None, None) == (user().deleted_at, user().photo)
    assert (None, None) == (token().expires_at, token().revoked_at)
    assert team().deleted_at is None


def test_an_address_is_asked_for_by_the_digests_of_its_forms() -> None:
    """MD5 and SHA-256; two where what was typed is the normal form."""
    plain = Address("T1", "U1", "ada@example.org", "ada@example.org", user().created_at)
    typed = replace(plain, entered="Ada@example.org")

    assert plain.digests == {
        bytes.fromhex("5bfcf2d8e394674550332640d72db509"),
        sha256(b"ada@example.org").digest(),
    }
    assert len(typed.digests) == 4
    assert typed.digests > plain.digests


def test_an_address_is_asked_for_with_its_domain_in_unicode_and_in_punycode() -> None:
    """Some programs hash what people read, others what mail is sent to."""
    address = Address("T1", "U1", "ida@bücher.example", "ida@bücher.example", user().created_at)

    assert {
        sha256(text.encode()).digest()
        for text in ("ida@bücher.example", "ida@xn--bcher-kva.example")
    } < address.digests
    assert len(address.digests) == 4


def test_files_are_wanted_until_a_photo_is_gone() -> None:
    """Of the photo that is shown, and of those that can be restored."""
    assert [state.has_files for state in PhotoState] == [True, True, False, False]


def test_the_middle_of_a_picture_is_square() -> None:
    """To the pixel; an odd rest is to the right and below."""
    assert (Crop.centre(5, 2), Crop.centre(2, 5)) == (Crop(1, 0, 2), Crop(0, 1, 2))
