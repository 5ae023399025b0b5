"""People at work on several nodes that fail one after the other, and what each of them noticed.

They set photos, delete some, and look at them by every URL. What must hold at any moment is
checked as they go; what was acknowledged is written down, to be looked for when all is well again.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Self

import httpx

from support import web
from support.live import Person
from support.load import Shift, Uploader, call, check_set
from support.patience import wait_until
from support.pictures import opened
from support.reading import NINE_KEYS

PAUSE_S: Final = 0.05
DELETED_OF: Final = 5
"""Of so many photos one is deleted again."""

_OUTAGE: Final = "service_unavailable"


@dataclass
class Member(Uploader):
    """One person. What they did is known to the letter, unless an answer was lost.

    `certain` is the turn that they must be showing, 0 for none at all, or None while something is
    under way or its outcome unknown; `changes` counts what was begun.
    """

    certain: int | None = 0
    changes: int = 0
    deleted: set[int] = field(default_factory=set)
    maybe_deleted: set[int] = field(default_factory=set)

    def begin(self) -> None:
        """From now on nothing is certain."""
        self.certain, self.changes = None, self.changes + 1


@dataclass
class Crew(Shift):
    """Everybody, at `url`. Used as a context: they work until it is left."""

    url: str
    members: list[Member]
    readers: int = 2
    counts: Counter[str] = field(default_factory=Counter)

    def wait_for_more(self, uploads: int) -> None:
        """Return when that many further photos were acknowledged."""
        goal = self.counts["set"] + uploads
        wait_until(
            lambda: self.faults or self.counts["set"] >= goal,
            lambda: (self.counts, "recovery needs help"),
        )

    def __enter__(self) -> Self:
        for member in self.members:
            self._begin(partial(self._change, member))
        for number in range(self.readers):
            mine = self.members[number :: self.readers]
            self._begin(partial(self._look, mine))
        return self

    def _begin(self, work: Callable[[httpx.Client], None]) -> None:
        def go_on() -> None:
            with web.Client(base_url=self.url) as client:
                while not self._over.is_set():
                    try:
                        work(client)
                    except httpx.TransportError:
                        self.counts["cut off"] += 1
                        time.sleep(PAUSE_S)
                    except (AssertionError, OSError, ValueError, KeyError) as error:
                        self.faults.append(repr(error))

        thread = threading.Thread(target=go_on, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _change(self, member: Member, client: httpx.Client) -> None:
        """Set a photo; delete it again at times."""
        member.turn += 1
        member.begin()
        answer = self._call(client, "users.setPhoto", member.person, member.picture())
        if not answer:
            return
        member.acknowledged[member.turn] = answer["profile"]
        member.certain = member.turn
        self.counts["set"] += 1
        if member.turn % DELETED_OF == 0:
            member.begin()
            member.maybe_deleted.add(member.turn)
            if self._call(client, "users.deletePhoto", member.person):
                member.deleted.add(member.turn)
                member.certain = 0
                self.counts["deleted"] += 1

    def _look(self, mine: list[Member], client: httpx.Client) -> None:
        for member in mine:
            changes, certain = member.changes, member.certain
            answer = self._call(client, "users.profile.get", member.person)
            if not answer:
                continue
            profile = answer["profile"]
            has_photo = "image_original" in profile
            if changes == member.changes and certain is not None:
                assert has_photo == bool(certain), (certain, profile)
            if has_photo:
                self._look_at(client, member, profile)

    def _look_at(self, client: httpx.Client, member: Member, profile: dict[str, str]) -> None:
        """Fetch all of a photo: a set, or an outage that says so, or one that was being deleted."""
        pictures = {}
        for url in {profile[key] for key in NINE_KEYS[1:]}:
            reply = client.get(url)
            if reply.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                assert reply.headers["retry-after"], url
                self.counts["reads 503"] += 1
                return
            if reply.status_code == httpx.codes.NOT_FOUND:
                assert self._may_be_gone(member, profile), f"a false 404: {url}"
                self.counts["reads 404"] += 1
                return
            assert reply.status_code == httpx.codes.OK, (url, reply)
            pictures[url] = opened(reply.content)
        if self._is_going(member, profile):
            # Its files go one by one, and what is left stands in for the sizes above it.
            self.counts["sets going"] += 1
            return
        check_set(member, profile, pictures)
        self.counts["sets read"] += 1

    def _is_going(self, member: Member, profile: dict[str, str]) -> bool:
        """Whether its owner has asked for its end."""
        done = [member.acknowledged[turn] for turn in list(member.maybe_deleted)]
        return profile["avatar_hash"] in [each["avatar_hash"] for each in done]

    def _may_be_gone(self, member: Member, profile: dict[str, str]) -> bool:
        """Whether it is a photo that its owner deleted, or wanted to."""
        kept = [
            done
            for turn, done in list(member.acknowledged.items())
            if turn not in member.maybe_deleted
        ]
        return all(done["avatar_hash"] != profile["avatar_hash"] for done in kept)

    def _call(
        self, client: httpx.Client, method: str, person: Person, image: bytes | None = None
    ) -> dict[str, Any]:
        """The answer when it is ok; {} during an outage, which is all that else may be said."""
        answer = call(client, method, person, {"image": image} if image else None)
        if answer["ok"]:
            return answer
        assert answer["error"] == _OUTAGE, answer
        self.counts[f"{method} unavailable"] += 1
        time.sleep(PAUSE_S)
        return {}
