"""A whole service in this process, on a data folder of its own, with a clock that can be moved."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from likeness.app.service import Service, open_service
from likeness.config import load
from likeness.model import User
from support.patience import PATIENT
from support.tables import write_tables
from support.zygotes import shared_zygote


@dataclass
class Clock:
    """Time as the test says; it stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        """The time that it is."""
        return self.now

    def advance(self, **span: float) -> None:
        """Let time pass, in the words of `timedelta`."""
        self.now += timedelta(**span)


@dataclass(frozen=True)
class Studio:
    """The service and its clock, and two people in it."""

    service: Service
    clock: Clock
    ada: User
    bob: User

    async def again(self, user: User) -> User:
        """The same person as the database knows them now."""
        return await self.service.accounts.user(user.team_id, user.id)

    def files(self) -> list[str]:
        """Every file in the blob store, below its folder."""
        root = self.service.config.data / "blobs"
        return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


@asynccontextmanager
async def studio(data: Path, **settings: str) -> AsyncIterator[Studio]:
    """Open a service on `data` with LIKENESS_ settings given in small letters."""
    own = PATIENT | {name.upper(): value for name, value in settings.items()}
    variables = {f"LIKENESS_{name}": value for name, value in own.items()}
    clock = Clock()
    data.mkdir(exist_ok=True)
    beginning = await _beginning()
    beginning.write(data)
    service = open_service(load({"LIKENESS_DATA": str(data), **variables}), clock)
    with shared_zygote():
        _ = service.pictures
    try:
        yield Studio(service, clock, beginning.ada, beginning.bob)
    finally:
        await service.close()


@dataclass(frozen=True)
class _Beginning:
    """The files of a new installation, and the people in it."""

    files: dict[str, bytes]
    ada: User
    bob: User

    def write(self, data: Path) -> None:
        """Have them in another folder."""
        for name, content in self.files.items():
            path = data / name
            path.touch(mode=0o600)
            path.write_bytes(content)


_BEGUN: Final[list[_Beginning]] = []


async def _beginning() -> _Beginning:
    """Made once in a process: to copy it takes a fifth of the time."""
    if not _BEGUN:
        with TemporaryDirectory() as folder:
            _BEGUN.append(await _begun(Path(folder)))
    return _BEGUN[0]


async def _begun(data: Path) -> _Beginning:
    write_tables(data / "likeness.db")
    service = open_service(load({"LIKENESS_DATA": str(data)}), Clock())
    try:
        service.database.migrate()
        await service.people.add_team("Acme")
        ada = await service.people.add_user("ada@example.org", "Acme")
        bob = await service.people.add_user("bob@example.org", "Acme")
    finally:
        await service.close()
    files = {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()}
    return _Beginning(files, ada, bob)
