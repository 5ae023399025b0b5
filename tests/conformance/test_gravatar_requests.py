"""Programs that cannot be run here: the requests that their source builds, judged as they judge.

docs/recipes.md has their settings, and quotes from the table below.
"""

import re
from dataclasses import dataclass
from typing import Final

import httpx
import pytest

from support import web
from support.docs import RECIPES, page
from support.pictures import opened
from support.reading import fetch
from support.sitter import STRANGER, Sitter, md5_of, sha256_of

"""What authentik and Jenkins allow a picture to take."""


@dataclass(frozen=True)
class Asking:
    """What a program asks for, and what it needs: this side, this format, 404 of a stranger."""

    program: str
    target: str
    side: int
    form: str = "JPEG"
    wants_404: bool = False

    def of(self, email: str, sitter: Sitter) -> str:
        """The whole URL, for one address."""
        hashes = {"{md5}": md5_of(email), "{sha256}": sha256_of(email)}
        target = self.target
        for placeholder, digest in hashes.items():
            target = target.replace(placeholder, digest)
        return sitter.url + target


MAHARA_D: Final = "https%3A%2F%2Fmahara.example.org%2Fno_userphoto.png"

ASKING: Final = (
    Asking("Gitea", "/avatar/{md5}?d=identicon&s=56", 56),
    Asking("Gitea, profile", "/avatar/{md5}?d=identicon&s=512", 512),
    Asking("Gitea, no size", "/avatar/{md5}?d=identicon", 80),
    Asking("GitLab", "/avatar/{md5}?s=80&d=identicon", 80),
    Asking("GitLab, SHA-256", "/avatar/{sha256}?s=192&d=identicon", 192),
    Asking("WordPress 6.8", "/avatar/{sha256}?s=96&d=mm&r=g", 96),
    Asking("WordPress 6.7", "/avatar/{md5}?s=192&d=mystery&r=pg", 192),
    Asking("WordPress, wavatar", "/avatar/{md5}?s=32&d=wavatar&r=x", 32),
    Asking(
        "Discourse, download",
        "/avatar/{md5}.png?s=288&d=404&reset_cache=5Zq1xA",
        288,
        form="PNG",
        wants_404=True,
    ),
    Asking("Discourse, page", "/avatar/{md5}.png?s=48&r=pg&d=identicon", 48, form="PNG"),
    Asking("authentik", "/avatar/{md5}?size=158&default=404", 158, wants_404=True),
    Asking(
        "authentik, Gravatar", "/avatar/{sha256}?size=158&rating=g&default=404", 158, wants_404=True
    ),
    Asking("Keycloak, picture claim", "/avatar/{sha256}?s=192", 192),
    Asking("Keycloak, bare claim", "/avatar/{sha256}", 80),
    Asking("Mahara", f"/avatar/{{md5}}.jpg?r=g&s=100&d={MAHARA_D}", 100),
    Asking("Jenkins, Wall Display", "/avatar/{md5}?s=120", 120),
    Asking("Jenkins, Gravatar", "/avatar/{md5}.jpg?s=48&d=mm", 48),
    Asking("Zulip", "/avatar/{md5}?d=identicon&s=500&version=3", 500),
    Asking("Zulip, small", "/avatar/{md5}?d=identicon&version=1", 80),
    Asking("Wagtail", "/avatar/{md5}?d=mp&s=100", 100),
    Asking("django-avatar", "/avatar/{md5}/?s=80&d=mp", 80),
    Asking("django-gravatar2", "/avatar/{md5}.jpg?s=80&d=mm&r=g", 80),
    Asking("gravatar of npm", "/avatar/{md5}?s=96&d=identicon", 96),
    Asking("go-libravatar", "/avatar/{md5}?d=retro&domain=example.org&s=64", 64),
    Asking("Gravatar for Android", "/avatar/{sha256}?s=240&d=initials&name=Ada+Lovelace", 240),
)


@pytest.fixture(params=ASKING, ids=lambda asking: asking.program)
def asking(request: pytest.FixtureRequest) -> Asking:
    """One row of the table."""
    row: Asking = request.param
    return row


def test_somebody_with_a_photo_is_shown(asking: Asking, sitter: Sitter) -> None:
    """At the side and in the format asked for, without a detour."""
    url = asking.of(sitter.email, sitter)

    assert sitter.is_shown(url, asking.side)
    assert asking.form == opened(fetch(url).content).format
    assert f"image/{asking.form.lower()}" == fetch(url).headers["content-type"]


def test_a_stranger_is_what_was_asked_for(asking: Asking, sitter: Sitter) -> None:
    """A picture of the same side, or 404."""
    url = asking.of(STRANGER, sitter)

    if asking.wants_404:
        assert 404 == fetch(url).status_code
    else:
        assert not sitter.is_shown(url, asking.side)


def test_capitals_in_the_hash_change_nothing(asking: Asking, sitter: Sitter) -> None:
    """Some programs write hexadecimal digits so."""
    url = asking.of(sitter.email, sitter)
    loud = re.sub(r"[0-9a-f]{32,}", lambda digits: digits[0].upper(), url)

    assert fetch(url).content == fetch(loud).content


def test_head_tells_what_get_would(asking: Asking, sitter: Sitter) -> None:
    """In status, type and length: programs ask before they link."""
    for email in (sitter.email, STRANGER):
        url = asking.of(email, sitter)
        got, told = fetch(url), fetch(url, "HEAD")
        facts = [
            (reply.status_code, reply.headers["content-type"], reply.headers["content-length"])
            for reply in (got, told)
        ]
        assert facts[0] == facts[1]
        assert b"" == told.content


def authentik_shows(url: str) -> bool:
    """Whether authentik would link to it; it shuns the host for hours if this raises."""
    reply = web.head(url, follow_redirects=True)
    is_picture = reply.headers.get("content-type", "").startswith("image/")
    if reply.status_code == httpx.codes.NOT_FOUND or not is_picture:
        return False
    reply.raise_for_status()
    return True


def jenkins_shows(url: str) -> bool:
    """Whether its Gravatar plugin would link to it."""
    reply = web.head(url, follow_redirects=True)
    return reply.status_code in {httpx.codes.OK, httpx.codes.NOT_MODIFIED}


def test_authentik_and_jenkins_see_who_has_a_photo(sitter: Sitter) -> None:
    """By a HEAD with `404` for strangers."""
    in_authentik = next(each for each in ASKING if each.program == "authentik")
    in_jenkins = Asking("Jenkins", "/avatar/{md5}.jpg?d=404", 80)

    assert authentik_shows(in_authentik.of(sitter.email, sitter))
    assert not authentik_shows(in_authentik.of(STRANGER, sitter))
    assert jenkins_shows(in_jenkins.of(sitter.email, sitter))
    assert not jenkins_shows(in_jenkins.of(STRANGER, sitter))


def test_wordpress_forces_its_default_on_everybody(sitter: Sitter) -> None:
    """`f=y`; and comments without an address ask without a hash."""
    forced = Asking("WordPress", "/avatar/{sha256}?s=96&d=mm&f=y&r=g", 96)
    mine, theirs = forced.of(sitter.email, sitter), forced.of(STRANGER, sitter)

    assert not sitter.is_shown(mine, 96)
    assert fetch(mine).content == fetch(theirs).content
    assert not sitter.is_shown(f"{sitter.url}/avatar/?s=96&d=mm&r=g", 96)


def test_zulips_version_shows_the_same_photo(sitter: Sitter) -> None:
    """It only keeps browsers from believing their cache."""
    zulip = next(each for each in ASKING if each.program == "Zulip")
    url = zulip.of(sitter.email, sitter)

    assert fetch(url).content == fetch(url.replace("version=3", "version=4")).content


def test_the_recipes_quote_these_requests() -> None:
    """Each that they quote is made above, for the program that they name."""
    quoted = set(re.findall(r"`(/avatar/\{[^`]+)`", page(RECIPES)))

    assert 11 == len(quoted)
    assert quoted <= {asking.target for asking in ASKING}
