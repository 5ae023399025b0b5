"""Programs that keep photos of people, real or played: what each test of all of them needs."""

import asyncio
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from likeness.model import Secret, User
from likeness.targets.kind import Given
from likeness.targets.kinds import KINDS
from likeness.targets.port import Holder, Person, Picture, Wants
from support.pictures import jpeg
from support.receivers import ReceivingHost, Request, answer, given, http_to
from support.rows import photo, user

CREDENTIAL: Final = "the-credential-of-a-target"
"""What played programs believe."""

_numbers = count(1)


class Program(Protocol):
    """A program with people in it."""

    kind: str

    def given(self, credential: str | None = None) -> Given:
        """What a target there is opened with; with another credential, one that is wrong."""

    async def add(self, email: str) -> str:
        """Somebody new with an address; gives their id there."""

    async def deactivate(self, remote_id: str) -> None:
        """Close somebody's account."""

    async def people(self) -> int:
        """How many there are."""

    async def state(self, remote_id: str) -> object:
        """What is another one after each change of somebody's picture, to the same one too."""

    async def shown(self, remote_id: str) -> bytes | str | None:
        """The picture that somebody shows, or its address; None for none."""


def opened(program: Program, credential: str | None = None) -> Holder:
    """Our side of it."""
    holder = KINDS[program.kind].open(program.given(credential))
    assert isinstance(holder, Holder)
    return holder


def given_to(
    url: str, kind: str, credential: str, *, timeout_s: float = 15.0, **options: Any
) -> Given:
    """What a target of a kind at an address on loopback is opened with."""
    secret = Secret(credential)
    http = http_to(url, timeout_s, hidden=[secret])
    return replace(given(url, kind, **options), http=http, credential=secret)


def fresh_email() -> str:
    """An address that no program knows, in a domain of ours."""
    return f"somebody-{next(_numbers)}@example.org"


def somebody(*emails: str, **changes: Any) -> Person:
    """A person with these addresses."""
    who: User = user(next(_numbers), email=emails[0])
    return Person(who, emails, **changes)


def picture(wants: Wants, number: int = 1) -> Picture:
    """A photo as a program wants it, another one for each number."""
    side = min(wants.side_px, 512)
    shown = photo(id=185_888_967_000 + number, secret=f"{number:020x}"[::-1])
    data = b"" if wants.by_url else jpeg(side, side, number)
    url = f"https://photos.example.org/{shown.avatar_hash}_{side}.jpg"
    return Picture(shown, data, shown.format, side, url)


@dataclass
class Played(ABC):
    """A program of which only the shapes are played, over HTTP on loopback."""

    kind: str
    host: ReceivingHost = field(default_factory=ReceivingHost)

    def given(self, credential: str | None = None) -> Given:
        """See Program."""
        url = f"http://127.0.0.1:{self.host.port}"
        return given_to(url, self.kind, credential or CREDENTIAL, **self.options())

    def options(self) -> dict[str, Any]:
        """Those of a target here."""
        return {}

    async def say(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """See ReceivingHost."""
        parts = urlsplit(request.path)
        query = dict(parse_qsl(parts.query))
        status, told = self.respond(Asked(request, request.method, unquote(parts.path), query))
        body = b"" if told is None else json.dumps(told).encode()
        writer.write(answer(status, body, content_type="application/json"))

    @abstractmethod
    def respond(self, asked: "Asked") -> tuple[int, Any]:
        """The status and the JSON that answer a request."""


@dataclass(frozen=True)
class Asked:
    """A request, taken apart."""

    request: Request
    method: str
    path: str
    query: dict[str, str]

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.request.body)

    @property
    def has_token(self) -> bool:
        """Whether it shows the credential of played programs."""
        return self.request.headers.get("authorization") == f"Bearer {CREDENTIAL}"


PROGRAMS: Final = [
    "played synapse",
    "played keycloak",
    "likeness",
    pytest.param("synapse", marks=pytest.mark.slow),
    pytest.param("directory", marks=pytest.mark.slow),
]
"""Those that each test of all programs runs with, as fixtures of tests/contract start them."""
