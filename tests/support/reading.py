"""What a reader of photos does: fetch the URLs that an answer has."""

import ssl
from typing import Final

import httpx

SIZES: Final = (24, 32, 48, 72, 192, 512, 1024)
NINE_KEYS: Final = ("avatar_hash", *(f"image_{size}" for size in SIZES), "image_original")

_TLS: Final = ssl.create_default_context()
"""Made once: httpx would read all certificates for each picture, which takes longer than that."""


def fetch(url: str, verb: str = "GET") -> httpx.Response:
    """A picture by its URL, never by way of a redirect."""
    return httpx.request(verb, url, follow_redirects=False, timeout=30, verify=_TLS)
