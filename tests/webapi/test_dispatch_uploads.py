"""Bodies of calls: whose share they are by the token in the header, and that none is left over."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from starlette.requests import Request

from likeness.accounts import new_token_text
from likeness.app.service import utc_now
from likeness.model import TokenKind
from likeness.scopes import SCOPES_DEFAULT
from likeness.webapi.budget import UNCOUNTED_LENGTH
from likeness.webapi.dispatch import WebApi
from likeness.webapi.limits import RequestLimits
from likeness.webapi.methods import METHODS
from likeness.webapi.throttle import Throttle
from support.asgi import asgi_request
from support.garbage import without_collector
from support.pictures import png
from support.studio import Studio, studio
from support.wire import BOUNDARY, field_part, file_part, multipart

MIB: Final = 2**20
LIMITS: Final = RequestLimits(600, 3 * MIB, 3 * MIB, 64 * MIB)
"""Strangers at one address may hold 4 MiB, all of them 8, one person 16."""

KIND: Final = f"multipart/form-data; boundary={BOUNDARY}"
ADDRESS: Final = "192.0.2.1"
ROUNDS: Final = 8

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Office:
    """The methods of a service, and tokens for its people."""

    web: WebApi
    work: Studio

    async def token(self, email: str = "ada@example.org") -> str:
        """A new token of somebody's."""
        issued = await self.work.service.accounts.issue_token(email, SCOPES_DEFAULT, None)
        return issued.secret.reveal()

    async def error(self, request: Request) -> str:
        """What a call for `users.setPhoto` is answered, "" for ok."""
        request.scope["path_params"] = {"method": "users.setPhoto"}
        response = await self.web.answer(request)
        return str(json.loads(bytes(response.body)).get("error", ""))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A service of its own whose pictures may have 3 MiB."""
    async with studio(tmp_path) as work:
        service = work.service
        await service.engine.start()
        web = WebApi(
            METHODS,
            accounts=service.accounts,
            photos=service.photos,
            throttle=Throttle(None, utc_now),
            limits=LIMITS,
        )
        yield Office(web, work)


def upload(picture: bytes, *, header: str = "", field: str = "", cut: int = 0) -> Request:
    """A picture with a token in the header, in the form or in both; less its last `cut` bytes."""
    fields = [field_part("token", field)] if field else []
    body = multipart([file_part(picture), *fields])
    headers = {"authorization": f"Bearer {header}"} if header else {}
    sent = body[: len(body) - cut]
    return asgi_request(sent, content_type=KIND, address=ADDRESS, **headers)[0]


def long_picture() -> bytes:
    """A picture that is so long that it counts against somebody."""
    return png() + bytes(MIB)


@pytest.fixture
def crowd(office: Office) -> Iterator[None]:
    """While strangers at the same address hold all that they may."""
    with office.web.reader.budget.hold(None, ADDRESS) as hold:
        hold.grow(UNCOUNTED_LENGTH + LIMITS.shares.address)
        yield


async def test_a_token_in_the_header_has_a_share_of_its_own(office: Office, crowd: None) -> None:
    assert await office.error(upload(long_picture(), header=await office.token())) == ""


async def test_a_token_in_the_form_has_that_of_strangers(office: Office) -> None:
    """It is not known before the form is read."""
    token = await office.token()
    assert await office.error(upload(long_picture(), field=token)) == ""


@pytest.mark.parametrize(
    "header",
    ["", "xoxp-1", new_token_text(TokenKind.USER).reveal()],
    ids=["none", "no token", "a token of nobody's"],
)
async def test_whoever_is_not_known_by_the_header_is_a_stranger(
    office: Office, crowd: None, header: str
) -> None:
    """Told so in a word of the contract; who sends few bytes is not counted."""
    token = await office.token()
    refused = upload(long_picture(), header=header, field=token)
    assert await office.error(refused) == "service_unavailable"
    assert await office.error(upload(b"few bytes", header=header, field=token)) == "bad_image"


async def test_the_token_of_the_form_wins_whosever_the_share_is(office: Office) -> None:
    """As the contract has it, and as `tests/conformance` sees on a socket."""
    of_ada, of_bob = await office.token(), await office.token("bob@example.org")
    assert await office.error(upload(long_picture(), header="xoxp-1", field=of_ada)) == ""
    assert await office.error(upload(long_picture(), header=of_ada, field="xoxp-1")) == (
        "invalid_auth"
    )
    assert await office.error(upload(long_picture(), header=of_ada, field=of_bob)) == ""
    assert (await office.work.again(office.work.bob)).photo is not None


async def test_a_bad_token_is_told_only_when_the_form_could_be_read(office: Office) -> None:
    """The order of refusals is that of the contract, however early the token was looked at."""
    broken = upload(long_picture(), header="xoxp-1", cut=9)
    assert await office.error(broken) == "invalid_form_data"
    assert await office.error(upload(long_picture(), header="xoxp-1")) == "invalid_auth"
    assert await office.error(upload(long_picture())) == "not_authed"


async def test_a_body_for_which_there_is_no_room_ends_the_connection(
    office: Office, crowd: None
) -> None:
    """Its rest may still be on the way."""
    request = upload(long_picture())
    request.scope["path_params"] = {"method": "users.setPhoto"}
    assert (await office.web.answer(request)).headers["connection"] == "close"


@pytest.mark.parametrize(
    ("picture", "is_known", "cut", "error"),
    [
        (b"", True, 0, "bad_image"),
        (b"\x89PNG\r\n\x1a\n", True, 0, "bad_image"),
        (b"", False, 0, "not_authed"),
        (b"", True, 9, "invalid_form_data"),
    ],
)
async def test_a_refused_body_is_forgotten_at_once(
    office: Office, picture: bytes, is_known: bool, cut: int, error: str
) -> None:
    """Two copies of each of these would stay until the garbage collector comes.

    Errors refer to the frames that they came through, and futures and parsers to errors.
    """
    token = await office.token() if is_known else ""

    async def refused() -> None:
        request = upload(picture + bytes(MIB), header=token, cut=cut)
        assert await office.error(request) == error

    await refused()
    with without_collector() as left:
        for _ in range(ROUNDS):
            await refused()
    # A thread that has parsed the last one may not have let go of it, and of its picture, yet.
    assert left.length < ROUNDS // 2 * MIB
