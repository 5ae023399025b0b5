"""Python's clients of Gravatar and Libravatar, unmodified, against a running server.

Each builds its URL itself; what is found there is the photo, at the side that was asked for.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import dns.resolver
import libravatar
import pytest
from flask import Flask, render_template_string
from flask_avatars import Avatars
from libgravatar import Gravatar

from support.django_page import render
from support.docs import RECIPES, blocks, example, here
from support.live import LiveServer, add_person
from support.names import serving
from support.pictures import opened
from support.reading import fetch
from support.sitter import STRANGER, Sitter, md5_of, sit

ORIGIN: Final = "example.org."


@pytest.fixture
def zone(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The zone of docs/federation.md, served; its plain record leads to the running server."""
    records = blocks("zone", "docs/federation.md")[0]
    plain = records.replace("80  avatars.example.org.", f"{server.port} localhost.")
    assert plain != records
    with serving(plain, ORIGIN) as resolver:
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        yield


@pytest.mark.parametrize("side", [1, 80, 150, 512])
def test_pylibravatar_finds_the_server_by_its_domain(sitter: Sitter, zone: None, side: int) -> None:
    """It asks the DNS for `_avatars._tcp`, and us for the MD5."""
    url = libravatar.libravatar_url(f" {sitter.email.upper()} ", default="404", size=side)

    assert url.startswith(f"http://localhost:{urlsplit(sitter.url).port}/avatar/")
    assert sitter.is_shown(url, side)


def test_pylibravatar_finds_the_secure_server(sitter: Sitter, zone: None) -> None:
    """By `_avatars-sec._tcp`, with the port left out as it is 443."""
    url = libravatar.libravatar_url(sitter.email, https=True, size=72)

    assert url.startswith("https://avatars.example.org/avatar/")
    assert sitter.is_shown(sitter.here(url), 72)


def test_pylibravatar_gets_what_it_asks_for_of_a_stranger(sitter: Sitter, zone: None) -> None:
    """A picture of the side, or 404."""
    drawn = fetch(libravatar.libravatar_url(STRANGER, default="retro", size=96))
    missing = fetch(libravatar.libravatar_url(STRANGER, default="404", size=96))

    assert (96, 96) == opened(drawn.content).size
    assert 404 == missing.status_code


def test_pylibravatar_leaves_who_has_no_records_to_others(zone: None) -> None:
    """What docs/federation.md warns of."""
    url = libravatar.libravatar_url("ada@elsewhere.example", https=True)

    assert "seccdn.libravatar.org" == urlsplit(url).hostname


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"size": 150, "default": "404"},
        {"size": 24, "default": "identicon", "rating": "pg"},
        {"size": 200, "filetype_extension": True},
    ],
)
def test_libgravatar_gets_the_photo(sitter: Sitter, options: dict[str, str | int]) -> None:
    """By the long names of the parameters."""
    url = Gravatar(f" {sitter.email.upper()}").get_image(**options)

    assert sitter.is_shown(sitter.here(url), int(options.get("size", 80)))


def test_libgravatar_gets_a_default(sitter: Sitter) -> None:
    """For a stranger, and for somebody with a photo where it is forced."""
    forced = Gravatar(sitter.email).get_image(size=60, default="retro", force_default=True)
    missing = Gravatar(STRANGER).get_image(default="404")
    drawn = Gravatar(STRANGER).get_image(size=60, default="wavatar")

    assert not sitter.is_shown(sitter.here(forced), 60)
    assert not sitter.is_shown(sitter.here(drawn), 60)
    assert 404 == fetch(sitter.here(missing)).status_code


def test_flask_avatars_gets_the_photo(sitter: Sitter) -> None:
    """From a template, as its documentation has it."""
    app = Flask("pages")
    Avatars(app)

    def built(options: str, email: str) -> str:
        template = f"{{{{ avatars.gravatar(digest, {options}) | safe }}}}"
        with app.test_request_context():
            return sitter.here(render_template_string(template, digest=md5_of(email)))

    assert sitter.is_shown(built("size=120", sitter.email), 120)
    assert sitter.is_shown(built("size=64, include_extension=True", sitter.email), 64)
    assert not sitter.is_shown(built("size=64", STRANGER), 64)
    assert 404 == fetch(built("default='404'", STRANGER)).status_code


def source(html: str) -> str:
    """Where the first picture of some HTML is."""
    first: str = re.findall(r'src="([^"]+)"', html)[0]
    return unescape(first)


def django(sitter: Sitter, folder: Path, *pages: tuple[str, str]) -> list[str]:
    """What a Django site with the settings of docs/recipes.md renders."""
    return render(pages, here(example("django", RECIPES), sitter.url), folder)


def test_django_avatar_gets_the_photo(sitter: Sitter, tmp_path: Path) -> None:
    """Its tag, its URL, and what it shows of a stranger."""
    tag, url, stranger = django(
        sitter,
        tmp_path,
        ("{% load avatar_tags %}{% avatar user 72 %}", sitter.email),
        ("{% load avatar_tags %}{% avatar_url user %}", sitter.email),
        ("{% load avatar_tags %}{% avatar user 72 %}", STRANGER),
    )

    assert sitter.is_shown(source(tag), 72)
    assert sitter.is_shown(unescape(url), 80)
    assert not sitter.is_shown(source(stranger), 72)


def test_django_avatar_finds_an_address_as_its_user_typed_it(
    server: LiveServer, sitter: Sitter, tmp_path: Path
) -> None:
    """It hashes what it has, capitals and all."""
    typed = "Mixed.Case@Example.org"
    somebody = sit(server, add_person(server, typed))

    (html,) = django(somebody, tmp_path, ("{% load avatar_tags %}{% avatar user 48 %}", typed))

    assert typed.lower() == somebody.email
    assert somebody.is_shown(source(html), 48)
    assert not sitter.is_shown(source(html), 48)


def test_django_avatars_libravatar_provider_never_asks(sitter: Sitter, tmp_path: Path) -> None:
    """Why docs/recipes.md leaves it out; once this fails, the recipe can be shorter."""
    provider = '\nAVATAR_PROVIDERS = ("avatar.providers.LibRAvatarProvider",)\n'

    (url,) = render(
        [("{% load avatar_tags %}{% avatar_url user %}", sitter.email)], provider, tmp_path
    )

    assert "seccdn.libravatar.org" == urlsplit(url).hostname


def test_django_gravatar2_gets_the_photo(sitter: Sitter, tmp_path: Path) -> None:
    """Its tags, and its own question over HTTP whether there is one."""
    tag, url, stranger, is_there, is_nowhere = django(
        sitter,
        tmp_path,
        ("{% load gravatar %}{% gravatar email 150 %}", sitter.email),
        ("{% load gravatar %}{% gravatar_url user %}", sitter.email),
        ("{% load gravatar %}{% gravatar email 150 %}", STRANGER),
        ("{{ exists }}", sitter.email),
        ("{{ exists }}", STRANGER),
    )

    assert sitter.is_shown(source(tag), 150)
    assert sitter.is_shown(unescape(url), 80)
    assert not sitter.is_shown(source(stranger), 150)
    assert ("True", "False") == (is_there, is_nowhere)
