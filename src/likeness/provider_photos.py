"""Use case: fetch the photo that an identity provider has of a user, after they sign in.

Nobody waits for it: a sign-in is answered first, and whatever goes wrong is for the log alone. What
a person chose here, also that of no photo, stays; see `precedence.judge`.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Final

from likeness.db import Database
from likeness.destinations import DATA_SCHEME, Failure, picture_in
from likeness.errands import Errands
from likeness.errors import BadImage, Refusal, TooLarge, TooManyFrames
from likeness.events import ACTOR_LENGTH_MAX, Actor
from likeness.fetching import LENGTH_MAX, PICTURE_TYPES, Fetcher
from likeness.identities import ENTRA_ISSUER, Claims, Identity
from likeness.log import Log
from likeness.model import Secret, Source, User
from likeness.offers import Offers, Taken
from likeness.precedence import Kept, Offer, Standing, judge
from likeness.seldom import SeldomLog
from likeness.threads import in_thread

LOOK_AGAIN_AFTER: Final = timedelta(days=1)
"""A photo may change while its URL stays as it is; a sign-in a day later looks again."""

GRAPH_HOST: Final = "graph.microsoft.com"
GRAPH_SCOPE: Final = "User.Read"
"""Where Microsoft Entra has photos, and what our access token must allow to read them there. The
claims of Entra have none, or a URL that nobody can read without a token."""

_GRAPH_URLS: Final = (
    f"https://{GRAPH_HOST}/v1.0/me/photos/648x648/$value",
    f"https://{GRAPH_HOST}/v1.0/me/photo/$value",
)
"""The largest size, which not every photo has, and the photo as it is."""

_GOOGLE: Final = re.compile(r"(https://lh3\.googleusercontent\.com/[^?#]+)=s\d{1,4}-c", re.ASCII)

_OFFER: Final = Offer(Source.PROVIDER)
_UNUSABLE: Final = (BadImage, TooLarge, TooManyFrames)

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a provider says that a photo is: the first of `urls` that has one, by `token`.

    Without any URL it says that there is no photo.
    """

    urls: tuple[str, ...]
    token: Secret | None = None

    @property
    def ref(self) -> str:
        """A digest of its URLs, by which a change is seen; signed URLs are secrets."""
        return sha256("\n".join(self.urls).encode(errors="replace")).hexdigest()


class ProviderPhotos:
    """Offers the photos of one provider's people, in tasks of its own."""

    def __init__(
        self,
        database: Database,
        offers: Offers,
        fetcher: Fetcher,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._offers = offers
        self._fetcher = fetcher
        self._clock = clock
        self._errands = Errands(
            "provider photo",
            _log,
            postponed="provider_photo_postponed",
            failed="provider_photo_failed",
        )
        self._log = SeldomLog()

    def arrived(self, user: User, claims: Claims) -> None:
        """Have the photo looked at of somebody who has just signed in. Returns at once.

        Two tasks of one person would race; the later sign-in is left to the next.
        """
        if self._errands.has(user.id):
            return
        look, length = partial(self._look, user, claims), len(claims.picture or "")
        if not self._errands.begin(user.id, look, length):
            waiting = self._errands.waiting
            self._log.warning("provider_photo_dropped", user=user.id, waiting=waiting)

    async def idle(self) -> None:
        """Return when all that arrived so far is done."""
        await self._errands.idle()

    async def close(self) -> None:
        """End what is under way: the next sign-in begins it again."""
        await self._errands.close()

    async def _look(self, user: User, claims: Claims) -> None:
        """Bring somebody's photo in step with the provider."""
        now = await in_thread(self._database.user, user.team_id, user.id)
        known = await in_thread(
            self._database.identity, user.team_id, claims.source, claims.subject
        )
        if now is None or now.deleted_at is not None or known is None:
            return
        if judge(Standing.of(now), _OFFER) is not None:
            return
        wanted = wanted_of(claims, self._fetcher.hosts)
        if wanted is None:
            return
        if not wanted.urls:
            await self._forget(now, known)
        elif not self._is_seen(known, wanted):
            await self._take(now, known, wanted)

    def _is_seen(self, known: Identity, wanted: Wanted) -> bool:
        """Whether the same was looked at a short while ago."""
        if known.photo_ref != wanted.ref or known.stamp is None:
            return False
        return self._clock() - datetime.fromisoformat(known.stamp) < LOOK_AGAIN_AFTER

    async def _take(self, user: User, known: Identity, wanted: Wanted) -> None:
        """Offer what is there. What could not be fetched is asked for again by the next sign-in."""
        data = await self._fetched(wanted)
        if data is Failure.ABSENT and wanted.token is not None:
            # Graph has one URL for everybody's photo, so that nothing there means no photo.
            await self._forget(user, known)
        elif data is Failure.ABSENT:
            self._log.warning("provider_photo_absent", user=user.id)
        if isinstance(data, Failure):
            return
        by = actor_of(known.source)
        try:
            outcome = await self._offers.offer(user, data, _OFFER, by)
        except _UNUSABLE as refusal:
            self._log.warning("provider_photo_unusable", user=user.id, reason=_said(refusal))
        else:
            _tell(user, outcome)
        await self._note(known, wanted.ref, sha256(data).digest(), self._clock())

    async def _fetched(self, wanted: Wanted) -> bytes | Failure:
        """The bytes of a photo, of the first URL that is not without one."""
        found: bytes | Failure = Failure.ABSENT
        for url in wanted.urls:
            if url.startswith(DATA_SCHEME):
                return await in_thread(picture_in, url, LENGTH_MAX)
            found = await self._fetcher.fetch(url, types=PICTURE_TYPES, bearer=wanted.token)
            if found is not Failure.ABSENT:
                break
        return found

    async def _forget(self, user: User, known: Identity) -> None:
        """The provider has no photo any more: one that it set here goes."""
        if known.photo_ref is None:
            return
        if await self._offers.withdraw(user, actor_of(known.source)):
            _log.info("provider_photo_withdrawn", user=user.id)
        await self._note(known, None, None, None)

    async def _note(
        self, known: Identity, ref: str | None, digest: bytes | None, at: datetime | None
    ) -> None:
        stamp = at.isoformat() if at else None
        await in_thread(self._database.note_picture, known, ref, digest, stamp)


def scopes_for(issuer: str, hosts: Collection[str], scopes: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes to ask a provider for, with that of photos where Graph may be asked for them."""
    asks_graph = issuer.startswith(ENTRA_ISSUER) and GRAPH_HOST in hosts
    return tuple(dict.fromkeys((*scopes, *((GRAPH_SCOPE,) if asks_graph else ()))))


def claims_for(issuer: str, hosts: Collection[str]) -> tuple[str, ...]:
    """The claim that says where photos are, if its host could be asked."""
    return ("picture",) if hosts and not issuer.startswith(ENTRA_ISSUER) else ()


def wanted_of(claims: Claims, hosts: Collection[str]) -> Wanted | None:
    """Where the photo is of somebody whom a provider makes these claims of.

    `hosts` are those that may be asked; a picture that stands in the claim itself needs none. None
    where nobody can be asked, so that nothing is known.
    """
    if claims.issuer.startswith(ENTRA_ISSUER):
        may_ask = GRAPH_HOST in hosts and claims.access_token is not None
        return Wanted(_GRAPH_URLS, claims.access_token) if may_ask else None
    if not claims.picture:
        return Wanted(())
    if not hosts and not claims.picture.startswith(DATA_SCHEME):
        return None
    larger = _GOOGLE.fullmatch(claims.picture)
    return Wanted((f"{larger[1]}=s1024-c" if larger else claims.picture,))


def actor_of(source: str) -> Actor:
    """A provider by the source of its identities, cut to what the log has room for."""
    if len(source) > ACTOR_LENGTH_MAX:
        digest = sha256(source.encode()).hexdigest()[:16]
        source = f"{source[: ACTOR_LENGTH_MAX - len(digest) - 1]}~{digest}"
    return Actor(source, Source.PROVIDER)


def _tell(user: User, outcome: Taken | Kept) -> None:
    if isinstance(outcome, Taken):
        _log.info("provider_photo_set", user=user.id, photo=outcome.photo.id)


def _said(refusal: Refusal) -> str:
    return f"{refusal.code}: {refusal.message}"
