"""Programs elsewhere as the ports of targets know them, in this process: an album and an ear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from likeness.targets.port import News, Person, Picture, Wants


@dataclass
class Album:
    """A program that keeps a picture of each of its `people`, its ids by their addresses.

    `trouble` is raised by whatever is asked next; `acts` are the changes that were made there.
    """

    people: dict[str, str]
    wants: Wants = field(default_factory=lambda: Wants(256, 100_000))
    shown: dict[str, str] = field(default_factory=dict)
    acts: list[tuple[str, str]] = field(default_factory=list)
    trouble: Exception | None = None

    def _ask(self) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble

    async def find(self, person: Person) -> str | None:
        """By the first address that is known."""
        self._ask()
        return next((self.people[each] for each in person.emails if each in self.people), None)

    async def show(self, remote_id: str, picture: Picture, marker: str | None) -> str:
        """Keep it."""
        self._ask()
        self.shown[remote_id] = picture.photo.avatar_hash
        self.acts.append(("show", remote_id))
        return picture.photo.avatar_hash

    async def clear(self, remote_id: str, marker: str | None) -> None:
        """Be rid of it."""
        self._ask()
        self.shown.pop(remote_id, None)
        self.acts.append(("clear", remote_id))

    async def look(self, remote_id: str) -> str | None:
        """What is kept."""
        return self.shown.get(remote_id, "")

    async def check(self) -> str:
        """Always well."""
        self._ask()
        return "an album"


@dataclass
class Ear:
    """A program that remembers all that it is told."""

    heard: list[News] = field(default_factory=list)
    trouble: Exception | None = None

    def content(self, news: News) -> Mapping[str, Any] | None:
        """The photo alone."""
        if news.photo is None and not news.before:
            return None
        return {"photo": news.photo and news.photo.avatar_hash}

    async def tell(self, news: News) -> str:
        """Remember it."""
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble
        self.heard.append(news)
        return "200"

    async def check(self) -> str:
        """Always well."""
        return "an ear"
