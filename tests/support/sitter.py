"""Somebody with a photo on a running server, and whether a client that asks by hash gets it."""

from dataclasses import dataclass, field
from functools import cache
from hashlib import md5, sha256
from itertools import permutations
from typing import Final
from urllib.parse import urlsplit

import httpx
from PIL import Image

from support import web
from support.live import LiveServer, Person
from support.pictures import encode, opened, photo
from support.reading import fetch
from support.sight import distance_de

SIDE_PX: Final = 1024
"""Of the upload, so that there is a stored size to compare any other with."""

ALIKE_DE: Final = 2.0
"""Mean delta E of a photo scaled here and there; it is above 20 to any other picture here."""

STORED: Final = (72, 192, 512, 1024)
STRANGER: Final = "nobody@example.org"


@dataclass(frozen=True)
class Sitter:
    """`profile` is as the API gives it, `url` the address of the server."""

    url: str
    email: str
    profile: dict[str, str] = field(repr=False)

    def here(self, url: str) -> str:
        """The path and query of a URL, on this server; for clients that know one host only."""
        return self.url + urlsplit(url)._replace(scheme="", netloc="").geturl()

    def is_shown(self, url: str, side: int) -> bool:
        """Whether a picture of exactly `side` pixels is there, and whether it is the photo."""
        reply = fetch(url)
        assert reply.status_code == httpx.codes.OK, (url, reply.text)
        return self.is_in(reply.content, side)

    def is_in(self, data: bytes, side: int) -> bool:
        """Whether a file holds the photo; it must have `side` pixels in any case."""
        seen = opened(data)
        assert (side, side) == seen.size
        return distance_de(seen.convert("RGB"), self._scaled(side))[0] < ALIKE_DE

    def _scaled(self, side: int) -> Image.Image:
        """What the photo must look like, from its own URL of this size or of the next one up."""
        size = next(stored for stored in STORED if stored >= side)
        own = _pixels(self.profile[f"image_{size}"])
        return own.resize((side, side), Image.Resampling.LANCZOS)


@cache
def _pixels(url: str) -> Image.Image:
    """What a photo's own URL shows never changes."""
    return opened(fetch(url).content).convert("RGB")


def sit(server: LiveServer, person: Person) -> Sitter:
    """Set a photo of somebody, by HTTP."""
    reply = web.post(
        f"{server.api}users.setPhoto",
        files={"image": ("me.jpg", _portrait(person.user.email), "image/jpeg")},
        headers={"Authorization": f"Bearer {person.token}"},
    )
    return Sitter(server.url, person.user.email, reply.json()["profile"])


def _portrait(email: str) -> bytes:
    """A picture that looks like no other address's, as far as six hues go."""
    bands = photo(SIDE_PX, SIDE_PX).split()
    hues = list(permutations(bands))
    return encode(Image.merge("RGB", hues[int(md5_of(email), 16) % len(hues)]), quality=88)


def md5_of(email: str) -> str:
    """What older clients call somebody."""
    return md5(email.strip().lower().encode(), usedforsecurity=False).hexdigest()


def sha256_of(email: str) -> str:
    """What newer clients call somebody."""
    return sha256(email.strip().lower().encode()).hexdigest()
