"""Where somebody's photo is, as JSON: Gravatar's profile of a hash, WebFinger's of an address.

Whoever shows no photo by hash has neither, be they hidden, without a photo or not here at all. No
name and no other address is told: the hash or the address is what the asker had to have.
"""

import re
from typing import Any, Final
from urllib.parse import parse_qs

from likeness.avatars.answer import (
    BAD_REQUEST,
    NOT_FOUND,
    ONE_MINUTE,
    PICTURE,
    Answer,
    document,
    kept_for,
)
from likeness.avatars.by_hash import PREFIX, HashRules, Openness
from likeness.avatars.gravatar import digest_of, wanted
from likeness.delivery import Delivery
from likeness.model import Photo
from likeness.photo_address import url_of

WEBFINGER_PATH: Final = "/.well-known/webfinger"

AVATAR: Final = "http://webfinger.net/rel/avatar"
"""The relation by which programs know a link to a picture of somebody."""

SUFFIX: Final = ".json"

_JRD: Final = "application/jrd+json"
_SIZE: Final = 512
_FIELDS_MAX: Final = 8
_RESOURCE: Final = re.compile(r"(?:acct|mailto):(?P<address>.+)", re.IGNORECASE)


class Profiles:
    """Answers to `/avatar/{hash}.json` and to WebFinger. `photo_url` is the base of photo URLs."""

    def __init__(self, delivery: Delivery, rules: HashRules, photo_url: str) -> None:
        self._delivery = delivery
        self._is_off = rules.email_avatars is Openness.OFF
        self._caching = kept_for(rules.photo_max_age)
        self._photo_url = photo_url

    async def by_hash(self, path: str) -> Answer:
        """The profile at a path below PREFIX, in the shape that Gravatar gives it."""
        asked = wanted(path.removesuffix(SUFFIX), b"")
        if await self._photo(asked.digest) is None:
            return document(NOT_FOUND, "User not found", ONE_MINUTE)
        url = f"{self._photo_url}{PREFIX}{asked.seed}"
        entry = {
            "hash": asked.seed,
            "requestHash": asked.seed,
            "thumbnailUrl": url,
            "photos": [{"value": url, "type": "thumbnail"}],
        }
        return document(PICTURE, {"entry": [entry]}, self._caching)

    async def webfinger(self, query: bytes) -> Answer:
        """What WebFinger (RFC 7033) tells of an address: a link to the photo.

        That is the photo's own URL, which no other photo has, since programs that keep a copy tell
        by the URL whether it is still good.
        """
        fields = _fields(query)
        resource = next(iter(fields.get("resource", [])), "")
        if not resource:
            said = {"error": "say whose photo by ?resource=acct:NAME@DOMAIN"}
            return document(BAD_REQUEST, said, ONE_MINUTE)
        found = _RESOURCE.fullmatch(resource)
        photo = await self._photo(digest_of(found["address"])) if found else None
        if photo is None:
            return document(NOT_FOUND, {"error": "nobody shows a photo by that"}, ONE_MINUTE)
        is_asked = AVATAR in fields.get("rel", [AVATAR])
        told = {"subject": resource, "links": [self._link(photo)] if is_asked else []}
        return document(PICTURE, told, self._caching, _JRD)

    def _link(self, photo: Photo) -> dict[str, Any]:
        url = url_of(self._photo_url, photo, _SIZE)
        return {"rel": AVATAR, "type": photo.format.media_type, "href": url}

    async def _photo(self, digest: bytes | None) -> Photo | None:
        """The photo that is shown of whom this hash leads to."""
        person = await self._delivery.listed_user(digest) if digest and not self._is_off else None
        return person.photo if person else None


def _fields(query: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(query.decode("utf-8", "replace"), max_num_fields=_FIELDS_MAX)
    except ValueError:
        return {}
