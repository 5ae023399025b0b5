"""Photos by the hash of an e-mail address: `/avatar/{hash}`, as Gravatar and Libravatar serve them.

By a name, an address or an id too, `/u/{name}`, where that is allowed.

An answer is cached until the user that the hash leads to changes, and for one second where changes
are not notified from process to process. Then the database is asked for the user again, by one
index, whether there is one or not.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache, partial
from typing import Final, NamedTuple

from likeness.avatars.answer import (
    NOT_FOUND,
    ONE_MINUTE,
    Answer,
    kept_for,
    picture,
    redirect,
    words,
)
from likeness.avatars.cache import AnswerCache
from likeness.avatars.gravatar import Wanted, wanted, wanted_by_name
from likeness.delivery import Delivery, File
from likeness.errors import ServiceUnavailable
from likeness.log import Log
from likeness.model import NOBODY, DefaultStyle, Format, Photo, User
from likeness.seldom import SeldomLog

PREFIX: Final = "/avatar/"
NAME_PREFIX: Final = "/u/"

HINT: Final = "X-Likeness-Hint"
"""A header for who sets a program up and sees default pictures only."""

POINTER_LIFE_S: Final = 1.0
"""How long another process may not see a photo that was just set, where nothing notifies it."""

_OFF: Final = words(NOT_FOUND, "photos are not given by hash here", ONE_MINUTE)
_NAMES_OFF: Final = words(
    NOT_FOUND, "photos are given by name only with LIKENESS_NAME_AVATARS=on", ONE_MINUTE
)
_UNKNOWN: Final = words(NOT_FOUND, "nobody here has this hash", ONE_MINUTE)
_NO_PHOTO: Final = words(NOT_FOUND, "no photo", ONE_MINUTE)

ASKED_MAX: Final = 4096
ASKED_LENGTH_MAX: Final = 256
"""As many parsed requests are cached, if they have no more bytes than that: a megabyte in all. To
parse one takes as long as to answer it."""

_log = Log(__name__)
_seldom = SeldomLog()


class Openness(StrEnum):
    """Which hashes are answered: all of them, only those of users, or none.

    ALIKE answers all of them as well, with one picture for everybody who shows no photo.
    """

    PUBLIC = "public"
    ALIKE = "alike"
    KNOWN = "known"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class HashRules:
    """The operator's settings for photos by hash.

    Each field is the setting of its name. `default_picture` is drawn where a request names no
    style. `default_urls` are the addresses below which `d` may lead. `avatar_sides` are the only
    sides in pixels that are made, ascending; () for any. `photo_max_age` is how long browsers and
    programs may keep an answer without asking again.
    """

    email_avatars: Openness = Openness.PUBLIC
    name_avatars: bool = False
    default_picture: DefaultStyle = DefaultStyle.INITIALS
    default_urls: Sequence[str] = ()
    avatar_sides: Sequence[int] = ()
    photo_max_age: timedelta = timedelta(minutes=5)

    @property
    def style_alike(self) -> DefaultStyle:
        """A style in which everybody looks the same: the default one, or a figure."""
        return self.default_picture if self.default_picture.is_alike else DefaultStyle.MP

    def side(self, asked: int) -> int:
        """The side that is made where `asked` was requested: the next allowed one up, if any."""
        if not self.avatar_sides:
            return asked
        return next((side for side in self.avatar_sides if side >= asked), self.avatar_sides[-1])


class ByHash:
    """Answers to `/avatar/...`. Drawn and scaled pictures are cached in `made`.

    `weight_max` bounds the bytes of the other cached answers.
    """

    def __init__(
        self, delivery: Delivery, rules: HashRules, made: AnswerCache, weight_max: int
    ) -> None:
        self._delivery = delivery
        self._rules = rules
        self._caching = kept_for(rules.photo_max_age)
        self._made = made
        self._remembered = lru_cache(ASKED_MAX)(self._wanted)
        self.pointers = AnswerCache(weight_max, POINTER_LIFE_S)

    def at_hand(self, path: str, query: bytes, accepted: Collection[Format]) -> Answer | None:
        """The answer to a path below PREFIX and its query, if it is kept and still good."""
        return self.pointers.get(self._key(path, query, accepted))

    async def answer(
        self, path: str, query: bytes, accepted: Collection[Format], asker: str
    ) -> Answer:
        """The answer to a path below PREFIX and its query; never an error of the server's.

        `asker` identifies the client: where pictures have to be made, clients take turns.
        """
        if self._rules.email_avatars is Openness.OFF:
            return _OFF
        question = _Question(*self._key(path, query, accepted), asker)
        if question.asked.is_lost:
            # Not the text itself, which may be somebody's address.
            looks_like = "an e-mail address" if "@" in path else "text"
            _seldom.warning("photo_by_no_hash", looks_like=looks_like, client=asker)
        return await self._answered(question)

    async def answer_by_name(
        self, path: str, query: bytes, accepted: Collection[Format], asker: str
    ) -> Answer:
        """The answer to a path below NAME_PREFIX and its query, as `answer` gives it to a hash."""
        if self._rules.email_avatars is Openness.OFF or not self._rules.name_avatars:
            return _NAMES_OFF
        asked = wanted_by_name(path, query, self._rules.default_urls)
        return await self._answered(_Question(asked, () if asked.format else accepted, asker))

    async def _answered(self, question: "_Question") -> Answer:
        key = (question.asked, question.accepted)
        try:
            return await self.pointers.answer(key, partial(self._look, question))
        except ServiceUnavailable as error:
            # Some programs shun a host for hours after one failure.
            _log.warning("photo_by_hash_failed", reason=str(error))
            return await self._drawn(question, DefaultStyle.MP, "", makeshift=True)

    def _key(
        self, path: str, query: bytes, accepted: Collection[Format]
    ) -> tuple[Wanted, Collection[Format]]:
        """The cache key of a request: the same for all spellings of one meaning."""
        is_short = len(path) + len(query) <= ASKED_LENGTH_MAX
        asked = (self._remembered if is_short else self._wanted)(path, query)
        return asked, () if asked.format else accepted

    def _wanted(self, path: str, query: bytes) -> Wanted:
        return wanted(path, query, self._rules.default_urls)

    async def _look(self, question: "_Question") -> Answer:
        asked = question.asked
        person = await self._person(asked)
        answer = await self._answer(question, person)
        if asked.is_lost:
            answer = answer.noting(HINT, "what follows /avatar/ is no MD5 or SHA-256 of an address")
        return answer.about(person.id if person else NOBODY)

    async def _person(self, asked: Wanted) -> User | None:
        if asked.digest:
            return await self._delivery.listed_user(asked.digest)
        return await self._delivery.listed_called(asked.called) if asked.called else None

    async def _answer(self, question: "_Question", person: User | None) -> Answer:
        if person is None and self._rules.email_avatars is Openness.KNOWN:
            return _UNKNOWN
        if person and person.photo and not question.asked.is_default_forced:
            return await self._view(person.photo, question)
        return await self._default(question, person)

    async def _view(self, photo: Photo, question: "_Question") -> Answer:
        asked, accepted, _ = question
        side = self._rules.side(asked.side)
        return await self._made.answer(
            (photo.stem, photo.sizes, side, asked.format, accepted),
            partial(self._viewed, photo, side, question),
        )

    async def _viewed(self, photo: Photo, side: int, question: "_Question") -> Answer:
        (asked, accepted, asker), form = question, question.asked.format
        file = await self._delivery.view(photo, side, asked.format, accepted, asker=asker)
        varies = form is None and self._delivery.is_negotiating
        changed_at = photo.set_at if self._delivery.is_settled(photo) else None
        return picture(file, self._caching, varies=varies, changed_at=changed_at)

    async def _default(self, question: "_Question", person: User | None) -> Answer:
        asked = question.asked
        if self._rules.email_avatars is Openness.ALIKE:
            return await self._drawn(question, self._rules.style_alike, "")
        if asked.is_missing_404:
            return _NO_PHOTO
        if asked.fallback_url:
            return redirect(asked.fallback_url, self._caching)
        if person and asked.style is None:
            # Every hash of a user gives the picture that the API names (decision 5). A style that
            # the request names is drawn from the hash alone, or it would reveal who is a user.
            question = question._replace(asked=asked._replace(seed=person.email_md5))
        letters = self._letters(asked, person)
        return await self._drawn(question, asked.style or self._rules.default_picture, letters)

    def _letters(self, asked: Wanted, person: User | None) -> str:
        """The initials that the request gives, or else those of the user.

        The latter only where the request names no style, for `d=initials` must not reveal which
        addresses are those of users, whatever `default_picture` is.
        """
        if asked.initials:
            return self._delivery.letters(asked.initials)
        own = person.real_name if person and asked.style is None else ""
        return self._delivery.letters_of(asked.name or own)

    async def _drawn(
        self, question: "_Question", style: DefaultStyle, letters: str, *, makeshift: bool = False
    ) -> Answer:
        asked = question.asked
        side, seed = self._rules.side(asked.side), "" if style.is_alike else asked.seed
        shown = letters if style is DefaultStyle.INITIALS else ""
        draw = partial(self._delivery.default, style, asked.seed, side, shown, asked.format)
        key = (style, seed, side, shown, asked.format, makeshift)
        return await self._made.answer(
            key,
            partial(
                _pictured, partial(draw, asker=question.asker), self._caching, makeshift=makeshift
            ),
        )


class _Question(NamedTuple):
    """The parsed request, the formats that the browser accepts, and the client."""

    asked: Wanted
    accepted: Collection[Format]
    asker: str


async def _pictured(
    draw: Callable[[], Awaitable[File]], caching: str, *, makeshift: bool
) -> Answer:
    file = await draw()
    stands_in = makeshift or file.stands_in
    return picture(File(file.data, file.format, stands_in=stands_in), caching)
