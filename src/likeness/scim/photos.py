"""The attribute `photos`: which of its pictures counts, and what is kept of it. Pure."""

from dataclasses import dataclass

from likeness.destinations import DATA_SCHEME
from likeness.photo_address import PhotoAddress
from likeness.scim.schema import Photo


@dataclass(frozen=True, slots=True)
class Told:
    """What a directory says of somebody's photo.

    `url` is where it is, None for nowhere. With `is_ours` it gives back what it got from us, and
    nothing changes. `kept` is what it is shown again.
    """

    url: str | None
    is_ours: bool
    kept: list[Photo] | None


def told_of(photos: list[Photo] | None, photo_url: str) -> Told:
    """What `photos` says; our own are below `photo_url`.

    One counts: the primary one or else the first one, as with Slack. One without a value is none.
    """
    given = [(photo, str(photo.value)) for photo in photos or [] if photo.value]
    chosen = next((url for photo, url in given if photo.primary), given[0][1] if given else None)
    kept = [photo for photo, url in given if not (_is_ours(url, photo_url) or _is_data(url))]
    return Told(chosen, bool(chosen) and _is_ours(chosen or "", photo_url), kept or None)


def shown(url: str) -> list[Photo]:
    """Our own picture of somebody, as an attribute."""
    return [Photo.model_validate({"value": url, "type": "photo", "primary": True})]


def _is_ours(url: str, photo_url: str) -> bool:
    path = url.removeprefix(f"{photo_url}/")
    return path != url and PhotoAddress.parse(path) is not None


def _is_data(url: str) -> bool:
    return url.startswith(DATA_SCHEME)
