"""Webhooks by the specification Standard Webhooks 1.0.0: any program can be told of each change."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import md5, sha256
from typing import Any, Final

from likeness.email_address import ascii_email
from likeness.model import ORIGINAL, SIZES, Photo
from likeness.photo_address import url_of
from likeness.targets.http import Answer
from likeness.targets.kind import EMAIL_SCOPE, Given, Kind
from likeness.targets.port import News, Person
from likeness.targets.signing import webhook_signature

CHANGED: Final = "photo.changed"
REMOVED: Final = "photo.removed"
PING: Final = "ping"


class Webhook:
    """One endpoint."""

    def __init__(self, given: Given, clock_s: Callable[[], float] = time.time) -> None:
        self._given = given
        self._has_emails = EMAIL_SCOPE in given.target.options.get("scopes", [])
        self._clock_s = clock_s

    def content(self, news: News) -> Mapping[str, Any] | None:
        """Who they are and what they show; None where nothing was there and nothing is."""
        if news.photo is None and not news.before:
            return None
        return {"user": self._user(news), "photo": self._photo(news.photo)}

    async def tell(self, news: News) -> str:
        """Send the present state."""
        is_same = news.photo is not None and news.before == news.photo.avatar_hash
        data = {
            "version": news.version,
            "reason": news.reason,
            "user": self._user(news),
            "photo": self._photo(news.photo),
            "before": {"avatar_hash": news.before} if news.before and not is_same else None,
        }
        kind = CHANGED if news.photo else REMOVED
        return await self._send(news.message_id, kind, news.changed_at_s, data)

    async def check(self) -> str:
        """Send a ping."""
        now_s = self._clock_s()
        message_id = f"msg_{self._given.target.id}_ping_{int(now_s * 1000)}"
        return await self._send(message_id, PING, now_s, {"target": self._given.target.name})

    async def _send(
        self, message_id: str, kind: str, moment_s: float, data: Mapping[str, Any]
    ) -> str:
        moment = datetime.fromtimestamp(moment_s, UTC).isoformat().replace("+00:00", "Z")
        told = {"type": kind, "timestamp": moment, "data": data}
        body = json.dumps(told, separators=(",", ":")).encode()
        second = int(self._clock_s())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(second),
            "webhook-signature": webhook_signature(self._given.signing, message_id, second, body),
        }
        http = self._given.http
        return _told(http.judge(await http.ask("POST", "", headers=headers, body=body)))

    def _user(self, news: News) -> dict[str, Any]:
        if news.person is None:
            return {"id": news.user_id, "deleted": True}
        user = news.person.user
        known = {
            "id": user.id,
            "team_id": user.team_id,
            "name": user.name,
            "real_name": user.real_name,
            "deleted": news.person.is_gone,
            "is_listed": user.is_listed,
        }
        return known | (_addresses(news.person) if self._has_emails else {})

    def _photo(self, photo: Photo | None) -> dict[str, Any] | None:
        if photo is None:
            return None
        base = self._given.photo_url
        return {
            "id": str(photo.id),
            "avatar_hash": photo.avatar_hash,
            "set_at": int(photo.set_at.timestamp()),
            "is_animated": photo.is_animated,
            **{f"image_{size}": url_of(base, photo, size) for size in SIZES},
            f"image_{ORIGINAL}": url_of(base, photo, ORIGINAL),
        }


def _addresses(person: Person) -> dict[str, Any]:
    """The first address, and the hashes of all by which avatars are asked for."""
    texts = {form for email in person.emails for form in (email, ascii_email(email))}
    return {
        "email": person.user.email,
        "hashes": {
            "md5": sorted(md5(each.encode(), usedforsecurity=False).hexdigest() for each in texts),
            "sha256": sorted(sha256(each.encode()).hexdigest() for each in texts),
        },
    }


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:200].decode(errors='replace')}".strip()


KIND: Final = Kind(
    "webhook",
    "any program, told by Standard Webhooks 1.0.0",
    Webhook,
    needs_credential=False,
    concurrency_max=4,
)
