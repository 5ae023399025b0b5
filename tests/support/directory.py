"""A service and a directory that it reads: people come, change, leave and come back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from likeness.app.directory import Silent, directory_sync
from likeness.model import Team, User
from likeness.syncing.plan import Plan
from likeness.syncing.run import Done
from support.slapd import PEOPLE, Slapd, slapd
from support.studio import Studio, studio


@dataclass(frozen=True)
class Step:
    """Both of them."""

    work: Studio
    directory: Slapd
    team: Team

    async def sync(self, *, force: bool = False) -> Done:
        """Do a run."""
        sync = directory_sync(self.work.service, at_once=2)
        return await sync.apply(self.team, Silent(), force=force)

    async def plan(self) -> Plan:
        """Say what a run would do."""
        return await directory_sync(self.work.service).plan(self.team, Silent())

    async def user(self, number: int) -> User:
        """Somebody of `support.slapd.person`, as they are now."""
        return await self.by_email(f"person{number}@example.org")

    async def by_email(self, email: str) -> User:
        """Somebody by their address."""
        return await self.work.service.people.find(email)

    def everybody(self) -> list[tuple[object, ...]]:
        """What is kept of each of the directory's people that two runs could make different."""
        database = self.work.service.database
        source = directory_sync(self.work.service).source
        found = []
        for each in database.enrolled(self.team.id, source):
            user = database.user(self.team.id, each.user_id)
            assert user
            photo = user.photo and (user.photo.upload_digest, user.photo.set_by)
            state = (user.email, user.real_name, user.deleted_at is None, photo)
            found.append((each.external_id, each.stamp, each.photo_digest, *state))
        return sorted(found, key=str)


def dn(number: int) -> str:
    """The DN of somebody of `support.slapd.person`."""
    return f"uid=u{number},{PEOPLE}"


@asynccontextmanager
async def in_step(folder: Path, entries: str, **settings: str) -> AsyncIterator[Step]:
    """A directory with these entries, and a service of its own that may read it."""
    with slapd(folder / "ldap", entries) as directory:
        own = directory.settings() | settings
        async with studio(folder / "data", **own) as work:
            yield Step(work, directory, await work.service.people.team())


def under(step: Step, **settings: str) -> Step:
    """The same people and data, under other settings."""
    config = step.work.service.config.model_copy(update=settings)
    service = replace(step.work.service, config=config)
    return replace(step, work=replace(step.work, service=service))
