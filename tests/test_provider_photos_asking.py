"""Where photos of a provider's people are asked for: the claim itself, Google, Microsoft Graph."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from likeness.fetching import LENGTH_MAX
from likeness.identities import Claims
from likeness.model import Secret
from likeness.provider_photos import GRAPH_HOST, Wanted, claims_for, scopes_for, wanted_of
from support.pictures import jpeg, png
from support.provider_stage import ADA, ISSUER, PHOTOS, URL, Stage

pytestmark = pytest.mark.anyio

ENTRA = "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0"
LARGE, PLAIN = "/v1.0/me/photos/648x648/$value", "/v1.0/me/photo/$value"

StageFor = Callable[..., Stage]


def as_data(picture: bytes, kind: str = "image/png") -> str:
    """A picture that stands in the claim."""
    return f"data:{kind};base64,{b64encode(picture).decode()}"


async def test_a_picture_in_the_claim_needs_no_host(stage_for: StageFor) -> None:
    """As authentik sends it."""
    stage = stage_for()

    ada = await stage.arrive(replace(ADA, picture=as_data(png(300, 300))))

    assert ada.photo
    assert ada.photo.width == 300
    assert stage.host.asked == []


@pytest.mark.parametrize(
    "claim",
    [
        as_data(b"<svg/>", "image/svg+xml"),
        as_data(png(300, 300), "text/html"),
        "data:image/png,%89PNG",
        "data:image/png;base64,",
        "data:image/png;base64,AAA",
        "data:image/png;base64,A A=",
        "data:image/png;base64," + "A" * (LENGTH_MAX // 3 * 4 + 4),
        "data:image/png;base64," + "A" * (LENGTH_MAX // 3 * 4 + 100),
    ],
    ids=lambda claim: f"{claim[:30]} {len(claim)}",
)
async def test_other_pictures_in_claims_are_not_taken(stage_for: StageFor, claim: str) -> None:
    """Of another type, not in base64, or too long. What is there stays."""
    stage = stage_for()
    before = await stage.arrive(replace(ADA, picture=as_data(png(300, 300))))

    assert before.photo
    assert before.photo == (await stage.arrive(replace(ADA, picture=claim))).photo


async def test_without_a_named_host_nothing_is_fetched_nor_said(stage_for: StageFor) -> None:
    """That is how it is by default. A photo of before stays."""
    stage = stage_for(PHOTOS)
    stage.host.answer("/ada", jpeg(600, 600))
    before = await stage.arrive()
    stage.work.clock.advance(days=1)
    asked = len(stage.host.asked)

    with capture_logs() as lines:
        after = await stage_for().arrive()

    assert before.photo == after.photo
    assert (lines, len(stage.host.asked)) == ([], asked)


async def test_google_is_asked_for_a_larger_photo(stage_for: StageFor) -> None:
    """Its claim is of 96 pixels."""
    stage = stage_for("lh3.googleusercontent.com")
    stage.host.answer("/a/x=s1024-c", jpeg(600, 600))

    ada = await stage.arrive(replace(ADA, picture="https://lh3.googleusercontent.com/a/x=s96-c"))

    assert ada.photo is not None


@pytest.mark.parametrize(
    ("claim", "asked"),
    [
        ("https://lh3.googleusercontent.com/a-/b=s96-c", "=s1024-c"),
        ("https://lh3.googleusercontent.com/a-/b=s96-c?x", "=s96-c?x"),
        ("https://lh3.googleusercontent.com/a-/b", "/b"),
        ("https://lh3.googleusercontent.com.evil.example/b=s96-c", "=s96-c"),
        ("https://photos.example.org/b=s96-c", "=s96-c"),
    ],
)
def test_only_googles_own_host_is_known_to_have_sizes(claim: str, asked: str) -> None:
    """At the end of a URL."""
    wanted = wanted_of(replace(ADA, picture=claim), frozenset({"a"}))

    assert wanted
    [url] = wanted.urls
    assert url.endswith(asked)
    assert url.partition("=")[0].partition("?")[0] == claim.partition("=")[0].partition("?")[0]


OF_ENTRA = Claims(ENTRA, "ada", access_token=Secret("the-access-token"))


async def test_entra_has_photos_at_graph_by_the_access_token(stage_for: StageFor) -> None:
    """The largest size first, and the photo as it is where it has no such size."""
    stage = stage_for(GRAPH_HOST)
    stage.host.answer(PLAIN, jpeg(96, 96))

    assert (await stage.arrive(OF_ENTRA)).photo
    assert [head.split(" ")[1] for head in stage.host.asked] == [LARGE, PLAIN]
    assert all("Authorization: Bearer the-access-token" in head for head in stage.host.asked)

    stage.host.answer(LARGE, jpeg(648, 648))
    stage.work.clock.advance(days=1)
    larger = await stage.arrive(replace(OF_ENTRA, access_token=Secret("another")))
    assert larger.photo
    assert larger.photo.width == 648


async def test_nothing_at_graph_means_no_photo(stage_for: StageFor) -> None:
    """One that came from there goes; a Graph that refuses says nothing."""
    stage = stage_for(GRAPH_HOST)
    stage.host.answer(LARGE, jpeg(648, 648))
    assert (await stage.arrive(OF_ENTRA)).photo
    stage.work.clock.advance(days=1)

    stage.host.answer(LARGE, status=403)
    assert (await stage.arrive(OF_ENTRA)).photo
    del stage.host.says[LARGE]
    assert (await stage.arrive(OF_ENTRA)).photo is None


async def test_without_graph_among_the_hosts_entra_is_not_asked(stage_for: StageFor) -> None:
    """Whatever its claim is. A photo that came from there before stays."""
    stage = stage_for(GRAPH_HOST)
    stage.host.answer(LARGE, jpeg(648, 648))
    before = await stage.arrive(OF_ENTRA)
    asked = len(stage.host.asked)
    stage.work.clock.advance(days=1)

    with capture_logs() as lines:
        for claims in (OF_ENTRA, replace(OF_ENTRA, picture=f"https://{GRAPH_HOST}{PLAIN}")):
            assert before.photo == (await stage_for(PHOTOS).arrive(claims)).photo
    assert lines == []
    assert before.photo == (await stage.arrive(replace(OF_ENTRA, access_token=None))).photo
    assert len(stage.host.asked) == asked


def test_the_permission_for_photos_is_asked_for_only_where_they_are_fetched() -> None:
    """Whoever signs in has to consent to it. The claim is of use only where a host is named."""
    asked = ("openid", "email")

    assert (*asked, "User.Read") == scopes_for(ENTRA, (GRAPH_HOST,), asked)
    assert (*asked, "User.Read") == scopes_for(ENTRA, (GRAPH_HOST,), (*asked, "User.Read"))
    assert asked == scopes_for(ENTRA, (PHOTOS,), asked) == scopes_for(ISSUER, (GRAPH_HOST,), asked)
    assert claims_for(ISSUER, (PHOTOS,)) == ("picture",)
    assert () == claims_for(ISSUER, ()) == claims_for(ENTRA, (GRAPH_HOST,))


def test_the_access_token_is_for_graph_alone() -> None:
    """No issuer that only begins alike gets there, and no other host gets it."""
    with_token = replace(ADA, access_token=Secret("x"))
    hosts = frozenset({GRAPH_HOST, PHOTOS})

    assert Wanted((URL,)) == wanted_of(with_token, hosts)
    evil = replace(with_token, issuer="https://login.microsoftonline.com.evil.example/")
    assert Wanted((URL,)) == wanted_of(evil, hosts)
