"""Photos by their own URL: `/avatars/...`, as the API hands them out, and prepared pictures.

The file behind a photo's URL is immutable, so that caches may keep it for ever.
"""

import re
from collections.abc import Collection
from functools import partial
from typing import Final

from likeness.avatars.answer import (
    FOR_EVER,
    NOT_FOUND,
    NOT_KEPT,
    ONE_MINUTE,
    Answer,
    picture,
    redirect,
    words,
)
from likeness.avatars.cache import AnswerCache
from likeness.delivery import Delivery, File
from likeness.model import FORMAT_OF_SUFFIX, SIZES, DefaultStyle, Format, Photo
from likeness.photo_address import PhotoAddress

PHOTO_LIFE_S: Final = 20.0
"""A deleted photo must be gone within 60 s from every process (contract § 6.2): its files are
removed within 30 s even if the first attempt failed, and for this long another process, where no
notification reaches it, may still keep them."""

_STAGED: Final = re.compile(r"staged/[0-9a-f]{32}\.(?P<extension>jpg|png|gif)")
_DEFAULT: Final = re.compile(
    r"/avatars/default/(?P<style>[a-z]{2,9})/"
    r"(?P<digest>[0-9a-f]{32})_(?:(?P<letters>[^_/]{1,8})_)?(?P<size>[1-9]\d{1,3})\.png",
    re.ASCII,
)


_NO_PHOTO: Final = words(NOT_FOUND, "no such photo", ONE_MINUTE)
_NO_PICTURE: Final = words(NOT_FOUND, "no such picture", ONE_MINUTE)


class ByAddress:
    """Answers to `/avatars/...` and `/staged/...`; `made` caches drawn pictures.

    The URL of a replaced photo redirects to the current one, below `photo_url`.

    `weight_max` bounds the bytes of photos in memory.
    """

    def __init__(
        self, delivery: Delivery, photo_url: str, made: AnswerCache, weight_max: int
    ) -> None:
        self._delivery = delivery
        self._photo_url = photo_url.rstrip("/")
        self._made = made
        self.photos = AnswerCache(weight_max, PHOTO_LIFE_S)

    def at_hand(self, path: str, accepted: Collection[Format]) -> Answer | None:
        """The answer to a path, if it is kept and still good."""
        return self.photos.get((path, accepted)) or self._made.get(path)

    async def photo(self, path: str, accepted: Collection[Format], asker: str) -> Answer:
        """A photo's file, a redirect to the photo that came after it, or a default picture.

        `asker` identifies the client: where pictures have to be made, clients take turns. Raises
        ServiceUnavailable while the store or the database is away.
        """
        if kept := self.at_hand(path, accepted):
            return kept
        if drawn := _DEFAULT.fullmatch(path):
            return await self._made.answer(path, partial(self._default, drawn, asker))
        address = PhotoAddress.parse(path[1:])
        if address is None:
            return _NO_PHOTO
        found = partial(self._found, address, accepted, asker)
        return await self.photos.answer((path, accepted), found)

    async def staged(self, path: str) -> Answer:
        """A prepared picture, which only its owner knows the address of.

        Raises ServiceUnavailable while the store or the database is away.
        """
        match = _STAGED.fullmatch(path)
        data = await self._delivery.staged(path) if match else None
        if data is None or match is None:
            return _NO_PICTURE
        return picture(File(data, FORMAT_OF_SUFFIX[match["extension"]]), NOT_KEPT)

    async def _found(
        self, address: PhotoAddress, accepted: Collection[Format], asker: str
    ) -> Answer:
        found = await self._delivery.photo(address, accepted, asker=asker)
        if isinstance(found, Photo):
            onward = redirect(f"{self._photo_url}/{address.path_of(found)}", ONE_MINUTE)
            return onward.about(found.user_id)
        if found is None:
            answer = _NO_PHOTO
        else:
            answer = picture(found, FOR_EVER, varies=self._delivery.is_negotiating)
        return answer.about(str(address.photo_id))

    async def _default(self, drawn: re.Match[str], asker: str) -> Answer:
        style, letters, size = drawn["style"], drawn["letters"] or "", int(drawn["size"])
        is_ours = style in set(DefaultStyle) and size in SIZES
        if not is_ours or letters != self._delivery.letters(letters):
            return _NO_PICTURE
        draw = self._delivery.default
        file = await draw(DefaultStyle(style), drawn["digest"], size, letters, asker=asker)
        return picture(file, FOR_EVER)
