"""What a reader of photos does: fetch the URLs that an answer has."""

from typing import Final

import httpx

from support import web

SIZES: Final = (24, 32, 48, 72, 192, 512, 1024)
NINE_KEYS: Final = ("avatar_hash", *(f"image_{size}" for size in SIZES), "image_original")


def fetch(url: str, verb: str = "GET") -> httpx.Response:
    """A picture by its URL, never by way of a redirect."""
    return web.request(verb, url, follow_redirects=False)
