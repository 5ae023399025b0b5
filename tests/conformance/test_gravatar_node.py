"""Node's clients of Gravatar, unmodified, against a running server."""

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest

from support.patience import PATIENCE_S
from support.pictures import opened
from support.reading import fetch
from support.sitter import STRANGER, Sitter

TIDIES: Final = {"gravatar", "gravatar-url", "react-gravatar"}
"""Those that trim an address and write it in small letters; gravatar-gen leaves that to others."""


def built(folder: Path, name: str, email: str, **options: Any) -> str:
    """What one package makes of an address: a URL, or HTML."""
    typed = f" {email.upper()} " if name in TIDIES else email
    job = [{"name": name, "email": typed, "options": options}]
    run = subprocess.run(
        ["node", "avatars.mjs"],
        cwd=folder,
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    (only,) = json.loads(run.stdout)
    return str(only)


@pytest.mark.parametrize(
    ("name", "options", "missing"),
    [
        ("gravatar", {"s": "150", "r": "g", "d": "identicon"}, {"d": "404"}),
        ("gravatar-url", {"size": 150, "default": "identicon"}, {"default": "404"}),
        ("gravatar-gen", {"size": 150, "defaultImage": "identicon"}, {"defaultImage": "404"}),
    ],
)
def test_a_client_gets_what_it_asks_for(
    node_driver: Path,
    sitter: Sitter,
    name: str,
    options: dict[str, Any],
    missing: dict[str, Any],
) -> None:
    """The photo by MD5 or SHA-256, a picture of a stranger, or 404."""
    photo = sitter.here(built(node_driver, name, sitter.email, **options))
    drawn = sitter.here(built(node_driver, name, STRANGER, **options))
    nothing = sitter.here(built(node_driver, name, STRANGER, **missing))

    assert sitter.is_shown(photo, 150)
    assert not sitter.is_shown(drawn, 150)
    assert 404 == fetch(nothing).status_code


def test_gravatar_can_be_told_the_server(node_driver: Path, sitter: Sitter) -> None:
    """The one of these that can; the others' URLs have the host replaced."""
    url = built(node_driver, "gravatar", sitter.email, cdn=sitter.url, s="72")

    assert url.startswith(f"{sitter.url}/avatar/")
    assert sitter.is_shown(url, 72)


def test_a_suffix_that_a_client_adds_is_understood(node_driver: Path, sitter: Sitter) -> None:
    """`.jpg`, after 64 digits; and a forced default."""
    url = built(node_driver, "gravatar-gen", sitter.email, size=60, includeExtention=True)
    forced = built(node_driver, "gravatar-gen", sitter.email, size=60, forceDefault=True)

    assert ".jpg" in url
    assert "JPEG" == opened(fetch(sitter.here(url)).content).format
    assert sitter.is_shown(sitter.here(url), 60)
    assert not sitter.is_shown(sitter.here(forced), 60)


def test_react_gravatar_shows_the_photo_in_both_densities(
    node_driver: Path, sitter: Sitter
) -> None:
    """As a server renders it: `src`, and twice the side in `srcSet`."""
    html = unescape(built(node_driver, "react-gravatar", sitter.email, size=60))
    (plain,) = re.findall(r'src="([^"]+)"', html)
    dense = re.findall(r'[sS]rcSet="(\S+) 2x"', html)

    assert dense
    assert sitter.is_shown(sitter.here(plain), 60)
    for url in dense:
        assert sitter.is_shown(sitter.here(url), 120)
