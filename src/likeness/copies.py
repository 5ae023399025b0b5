"""Use case: one target is brought one person's photo as it is now, or is rid of it.

What is brought is the present state and never a change, so that no message can mislead, however
late it comes. All that may be there of a photo is noted before it goes there.
"""

import asyncio
import hashlib
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from likeness.db import Database
from likeness.elsewhere import (
    ANSWER_LENGTH_MAX,
    ERROR_LENGTH_MAX,
    Copy,
    Delivery,
    Result,
    Target,
)
from likeness.errors import BadImage, ServiceUnavailable
from likeness.events import Verb
from likeness.log import Log
from likeness.model import Photo
from likeness.targets.port import (
    NOTHING,
    Away,
    Gone,
    Holder,
    Later,
    News,
    Person,
    Picture,
    Receiver,
    Refused,
    Wants,
)
from likeness.threads import in_thread

ACT_TIMEOUT_S: Final = 30.0
"""For all that one person needs at one target: found, shown, looked at."""

BACK_OFF_S: Final = (5, 60, 300, 1800, 7200, 21600)
"""After each failure of a person at a target; the last one again and again, for ever."""

JITTER: Final = 0.2
"""By which part of it a wait may be shorter or longer, so that not all come back at once."""

ABSENT_S: Final = 24 * 3600
"""How soon somebody is looked for again who is unknown there: they may come later."""

RESYNC: Final = "resync"
TEST: Final = "test"
"""Reasons to bring what is there already."""

IF_CHANGED_THERE: Final = "if_changed_there"
KEEP: Final = "keep"
"""The option that leaves alone what somebody chose in the program itself."""

REASONS: Final[Mapping[Verb, str]] = {
    Verb.PHOTO_SET: "set",
    Verb.PHOTO_RESTORED: "restored",
    Verb.PHOTO_REMOVED: "deleted",
    Verb.USER_ADDED: "added",
    Verb.USER_RENAMED: "renamed",
    Verb.USER_ADDRESSED: "address",
    Verb.USER_HIDDEN: "hidden",
    Verb.USER_UNHIDDEN: "shown",
    Verb.USER_DEACTIVATED: "deactivated",
    Verb.USER_REACTIVATED: "reactivated",
    Verb.USER_MERGED: "merged",
}
"""What receivers are told of why, by what was done last to somebody."""

_VERBS: Final = frozenset(REASONS)
_log = Log(__name__)

Pictured = Callable[[Photo, Wants], Awaitable[Picture]]
"""Makes a picture that fulfils wants. Raises Refused, and ServiceUnavailable."""


class Copies:
    """Brings copies of photos to targets, one person at a time."""

    def __init__(
        self, database: Database, pictured: Pictured, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._pictured = pictured
        self._clock = clock

    async def bring(self, target: Target, port: Holder | Receiver, copy: Copy) -> Result:
        """Do what a leased copy needs, and note what became of it; never raises a refusal.

        Raises ServiceUnavailable where our own database is away: then the lease ends by itself.
        """
        began_s = time.monotonic()
        try:
            async with asyncio.timeout(ACT_TIMEOUT_S):
                result, detail = await self._act(target, port, copy)
        except Refused as refusal:
            result, detail = Result.REFUSED, str(refusal)
            await in_thread(self._database.refuse_copy, copy, _cut(detail))
        except Later as later:
            result, detail = Result.LATER, str(later)
            await self._postpone(copy, detail, later.after_s)
        except (Away, TimeoutError) as away:
            result, detail = Result.AWAY, str(away) or f"no end within {ACT_TIMEOUT_S:g} s"
            await self._postpone(copy, detail)
        except Gone as gone:
            result, detail = Result.GONE, str(gone)
            await self._postpone(copy, detail)
            pause = self._database.pause_target
            await in_thread(pause, target.id, self._clock(), _cut(f"it is gone: {detail}"))
        await self._tell_log(copy, result, detail, began_s)
        return result

    async def _act(self, target: Target, port: Holder | Receiver, copy: Copy) -> tuple[Result, str]:
        person = await in_thread(self._person, copy.user_id)
        photo = _wanted(target, person)
        if isinstance(port, Receiver):
            return await self._tell(target, port, copy, person, photo)
        if photo is None or person is None:
            return await self._take_away(port, copy, person)
        return await self._show(target, port, copy, person, photo)

    async def _show(
        self, target: Target, holder: Holder, copy: Copy, person: Person, photo: Photo
    ) -> tuple[Result, str]:
        is_there = copy.shown == photo.avatar_hash and copy.marker is not None
        if is_there and copy.remote_id is not None and copy.reason is None:
            # Some programs tell everybody of each picture that is set, the same one too.
            await self._settle(copy, photo.avatar_hash, copy.marker, copy.remote_id)
            return Result.UNCHANGED, ""
        remote_id = None if copy.reason else copy.remote_id
        remote_id = remote_id or await holder.find(person)
        if remote_id is None:
            again_at = self._clock() + timedelta(seconds=ABSENT_S)
            await in_thread(self._database.absent_copy, copy, again_at)
            return Result.ABSENT, ""
        if target.options.get(IF_CHANGED_THERE) == KEEP:
            await _see_that_it_is_ours(holder, remote_id, copy)
        try:
            picture = await self._pictured(photo, holder.wants)
        except BadImage as error:
            raise Refused(f"the photo cannot be made into what it takes: {error}") from error
        except ServiceUnavailable as error:
            raise Later(f"our own pictures wait: {error}") from error
        if not copy.shown or remote_id != copy.remote_id:
            begin = self._database.begin_copy
            await in_thread(begin, copy, shown=photo.avatar_hash, remote_id=remote_id)
        marker = await holder.show(remote_id, picture, copy.marker)
        await self._settle(copy, photo.avatar_hash, marker, remote_id)
        return Result.DONE, f"shown, as {picture.side_px} px in {len(picture.data)} bytes"

    async def _take_away(
        self, holder: Holder, copy: Copy, person: Person | None
    ) -> tuple[Result, str]:
        result, detail = Result.UNCHANGED, ""
        if copy.shown and copy.remote_id is not None:
            if await in_thread(self._database.has_other_copy, copy):
                detail = "left, since somebody else is the same person there"
            else:
                await holder.clear(copy.remote_id, copy.marker)
                detail = "taken away"
            result = Result.DONE
        await self._settle_or_drop(copy, person, NOTHING)
        return result, detail

    async def _tell(
        self,
        target: Target,
        receiver: Receiver,
        copy: Copy,
        person: Person | None,
        photo: Photo | None,
    ) -> tuple[Result, str]:
        news = await self._news(target, copy, person, photo)
        content = receiver.content(news)
        digest = _digest(content)
        if content is None or (digest == copy.marker and copy.reason is None):
            await self._settle_or_drop(copy, person, copy.marker, photo)
            return Result.UNCHANGED, ""
        if photo is not None and not copy.shown:
            begin = self._database.begin_copy
            await in_thread(begin, copy, shown=photo.avatar_hash, remote_id=None)
        answer = await receiver.tell(news)
        await self._settle_or_drop(copy, person, digest, photo)
        return Result.DONE, answer

    async def _news(
        self, target: Target, copy: Copy, person: Person | None, photo: Photo | None
    ) -> News:
        last = await in_thread(self._database.last_verb, copy.user_id, _VERBS)
        reason = "erased" if person is None else REASONS.get(last, "set") if last else "set"
        return News(
            message_id=f"msg_{target.id}_{copy.user_id}_{copy.version}",
            user_id=copy.user_id,
            version=copy.version,
            reason=copy.reason or reason,
            changed_at_s=copy.behind_since.timestamp(),
            person=person,
            photo=photo,
            before=copy.shown,
            attempt=copy.attempts,
        )

    async def _settle_or_drop(
        self, copy: Copy, person: Person | None, marker: str | None, photo: Photo | None = None
    ) -> None:
        """Note it, or forget who was erased here and has nothing there any more."""
        if person is None and await in_thread(self._database.drop_copy, copy):
            return
        await self._settle(copy, photo.avatar_hash if photo else "", marker, copy.remote_id)

    async def _settle(
        self, copy: Copy, shown: str, marker: str | None, remote_id: str | None
    ) -> None:
        await in_thread(
            self._database.settle_copy,
            copy,
            self._clock(),
            shown=shown,
            marker=marker,
            remote_id=remote_id,
        )

    async def _postpone(self, copy: Copy, error: str, after_s: float | None = None) -> None:
        wait_s = back_off_s(copy.attempts) if after_s is None else after_s
        again_at = self._clock() + timedelta(seconds=wait_s)
        await in_thread(self._database.postpone_copy, copy, again_at, _cut(error))

    async def _tell_log(self, copy: Copy, result: Result, detail: str, began_s: float) -> None:
        if result is Result.UNCHANGED:
            return
        delivery = Delivery(
            at=self._clock(),
            target_id=copy.target_id,
            user_id=copy.user_id,
            version=copy.version,
            result=result,
            milliseconds=int((time.monotonic() - began_s) * 1000),
            detail=detail[:ANSWER_LENGTH_MAX],
        )
        await in_thread(self._database.add_delivery, delivery)

    def _person(self, user_id: str) -> Person | None:
        """Somebody with all that targets may know of them; None who was erased or merged."""
        user = self._database.users_among([user_id]).get(user_id)
        if user is None:
            return None
        first_last = sorted(
            (each.email for each in self._database.addresses(user_id)),
            key=lambda email: email != user.email,
        )
        others = {each.source: each.external_id for each in self._database.identities_of(user_id)}
        is_gone = user.deleted_at is not None or not self._database.is_open_team(user.team_id)
        return Person(user, tuple(first_last), others, is_gone)


def back_off_s(attempts: int) -> float:
    """How long to wait after so many failures before this one."""
    wait_s = BACK_OFF_S[min(attempts, len(BACK_OFF_S) - 1)]
    return wait_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - nothing is secret here.


def _wanted(target: Target, person: Person | None) -> Photo | None:
    """The photo that a target is to show of somebody now, or None."""
    if person is None or person.is_gone or not person.user.is_listed:
        return None
    return None if target.options.get("is_emptied") else person.user.photo


async def _see_that_it_is_ours(holder: Holder, remote_id: str, copy: Copy) -> None:
    """Raises Refused where somebody chose another picture there."""
    if copy.marker is None:
        return
    found = await holder.look(remote_id)
    if found is not None and found != copy.marker:
        raise Refused("somebody changed the picture there, and that is kept")


def _digest(content: Mapping[str, Any] | None) -> str:
    """What tells one content from another."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _cut(text: str) -> str:
    return text if len(text) <= ERROR_LENGTH_MAX else text[: ERROR_LENGTH_MAX - 1] + "…"
