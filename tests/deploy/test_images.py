"""Images of others: each is named by its digest, the same one wherever its tag stands."""

import re
from typing import Final

import pytest

from support.docs import ROOT

OURS: Final = {"likeness", "registry.example.org/likeness"}
"""Built here."""

NAMED: Final = re.compile(r"^\s*(?:-\s+)?(?:FROM|image:|newName:)\s+(?P<name>\S+)", re.MULTILINE)
WITH_DIGEST: Final = re.compile(r"(?P<name>[\w./-]+:[\w.-]+)@(?P<digest>sha256:[0-9a-f]{64})")

FILES: Final = [
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "Dockerfile", *sorted((ROOT / "deploy").rglob("*.yaml"))]
]


def images(name: str) -> list[str]:
    """The images of others that a file names."""
    found = NAMED.findall((ROOT / name).read_text(encoding="utf-8"))
    return [image for image in found if image not in OURS]


@pytest.mark.parametrize("name", FILES)
def test_every_image_has_its_digest(name: str) -> None:
    """A tag can be given to another image tomorrow. It stays before the digest for who reads it."""
    assert [image for image in images(name) if not WITH_DIGEST.fullmatch(image)] == []


def test_a_tag_has_one_digest() -> None:
    """The stages of the Dockerfile run the same Python."""
    everything = [image for name in FILES for image in images(name)]
    pairs = {tuple(image.split("@")) for image in everything}

    assert len({tag for tag, _ in pairs}) == len(pairs)
    assert {tag.split(":")[0] for tag, _ in pairs} == {
        "python",
        "caddy",
        "postgres",
        "dxflrs/garage",
    }


def test_what_is_read_are_all_that_there_are() -> None:
    """No file names an image in a way that is not looked for above."""
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in FILES]
    digests = [match["digest"] for text in texts for match in WITH_DIGEST.finditer(text)]

    assert len(digests) == sum(len(images(name)) for name in FILES)
