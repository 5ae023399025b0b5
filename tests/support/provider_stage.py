"""A service, somebody else's host by TLS that has photos, and what brings them from there."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from likeness.events import Actor
from likeness.fetching import Fetcher
from likeness.identities import Claims, Identity
from likeness.model import Source, User
from likeness.provider_photos import GRAPH_HOST, ProviderPhotos
from support.certificates import Authority
from support.document_host import DocumentHost, document_host
from support.patience import PATIENCE_S
from support.studio import Studio

ISSUER: Final = "https://id.example.org"
PHOTOS: Final = "photos.example.org"
GOOGLE: Final = "lh3.googleusercontent.com"
URL: Final = f"https://{PHOTOS}/ada"
ADA: Final = Claims(ISSUER, "subject-of-ada", picture=URL)
"""What the provider says of her."""


@cache
def authority() -> Authority:
    """Who signs."""
    return Authority()


@dataclass
class Stage:
    """The service, a host, and what is tested, for which every named host is that one."""

    work: Studio
    host: DocumentHost
    photos: ProviderPhotos

    async def arrive(self, claims: Claims = ADA, user: User | None = None) -> User:
        """Somebody signs in with these claims, by default Ada; gives them as they are then."""
        user = user or self.work.ada
        bind(self.work, user, claims)
        self.photos.arrived(user, claims)
        await self.photos.idle()
        return await self.work.again(user)

    def known(self, claims: Claims = ADA) -> Identity:
        """What is kept of Ada at that provider."""
        database = self.work.service.database
        found = database.identity(self.work.ada.team_id, claims.source, claims.subject)
        assert found
        return found


def bind(work: Studio, user: User, claims: Claims) -> None:
    """Let the provider mean that user, as the sign-in has it."""
    now = work.clock()
    identity = Identity(user.team_id, claims.source, claims.subject, user.id, now, now)
    work.service.database.bind(identity, Actor("oidc", Source.PROVIDER))


def fetcher_of(host: DocumentHost, *hosts: str) -> Fetcher:
    """What may ask these hosts, each of which is that one."""

    async def resolve(_name: str, _port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", host.port)]

    return Fetcher(
        hosts,
        has_loopback=True,
        resolve=resolve,
        tls=authority().believed(),
        timeout_s=PATIENCE_S,
    )


@asynccontextmanager
async def provider_stage(work: Studio, folder: Path) -> AsyncIterator[Callable[..., Stage]]:
    """Gives what makes a stage; its arguments are the hosts that the settings name."""
    made: list[Stage] = []
    async with document_host(authority().server(folder, PHOTOS, GRAPH_HOST, GOOGLE)) as host:

        def make(*hosts: str) -> Stage:
            service, fetcher = work.service, fetcher_of(host, *hosts)
            photos = ProviderPhotos(service.database, service.offers, fetcher, work.clock)
            made.append(Stage(work, host, photos))
            return made[-1]

        yield make
        for each in made:
            await each.photos.close()
