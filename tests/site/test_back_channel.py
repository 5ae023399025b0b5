"""A real provider says that sessions are over, rightly and in every wrong way."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest
from authlib.integrations.starlette_client import StarletteOAuth2App

from likeness.events import Verb
from likeness.site import oidc
from likeness.site.back_channel import BACK_CHANNEL_PATH
from support.browser import Visitor
from support.provider import logout
from support.sign_on import at, enter

pytestmark = pytest.mark.anyio

ADA: Final = "ada@example.org"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Scene:
    """Ada's browser, signed in by a provider."""

    issuer: str
    browser: Visitor

    @property
    def sid(self) -> str:
        """What the provider calls the session that hers came from."""
        work = self.browser.work
        [sid] = {each.sid for each in work.service.database.tokens_of(work.ada.id)} - {None}
        assert sid
        return sid

    async def is_in(self) -> bool:
        """Whether she still is."""
        return "Photo of" in (await self.browser.get("/")).text

    async def said(self, **changes: object) -> str:
        """What the provider sends when her session there is over, with other claims."""
        return await logout(self.issuer, ADA, self.sid, changes)

    async def send(self, body: str, **headers: str) -> httpx.Response:
        """Send something to the address that the provider has, as no browser would."""
        return await self.browser.client.post(
            BACK_CHANNEL_PATH, content=body, headers=FORM | headers
        )


@pytest.fixture
async def scene(issuer: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """Ada has just signed in."""
    async with at(issuer, tmp_path) as browser:
        assert (await enter(browser, ADA)).status_code == 303
        yield Scene(issuer, browser)


async def test_a_session_ends_with_the_one_at_the_provider(scene: Scene) -> None:
    """At once, and the log says so."""
    work = scene.browser.work
    other = await work.service.sessions.open(work.ada)
    assert await scene.is_in()

    answer = await scene.send(await scene.said(sub=None))

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert not await scene.is_in()
    assert (await work.service.accounts.authenticate(other.secret)).user == work.ada
    [told, *_] = work.service.database.events(user_id=work.ada.id, limit=1)
    assert (told.verb, told.actor, told.origin) == (Verb.ACCESS_ENDED, "oidc", "192.0.2.0/24")


@pytest.mark.parametrize("changes", [{"sid": None}, {}])
async def test_all_sessions_of_somebody_end_by_their_subject(
    scene: Scene, changes: dict[str, object]
) -> None:
    """With a session named too, that one does."""
    assert (await scene.send(await scene.said(**changes))).status_code == 200

    assert not await scene.is_in()


async def test_the_session_of_somebody_else_goes_on(scene: Scene) -> None:
    """Whoever of them is meant."""
    for changes in ({"sub": "bob@example.org", "sid": None}, {"sub": None, "sid": "another"}):
        assert (await scene.send(await scene.said(**changes))).status_code == 200

    assert await scene.is_in()


async def test_a_token_with_anything_wrong_ends_nothing(scene: Scene) -> None:
    """Each by itself, in one that is signed and right in all else."""
    wrong: list[tuple[dict[str, object], str]] = [
        ({"aud": "another"}, "for another client"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"nonce": "x"}, "has a nonce"),
        ({"iat": 1}, "life is over"),
        ({"jti": None}, "has no id"),
        ({"events": None}, "not about a logout"),
        ({"sub": None, "sid": None}, "neither somebody nor a session"),
    ]
    for changes, said in wrong:
        answer = await scene.send(await scene.said(**changes))

        assert answer.status_code == 400
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["error"] == "invalid_request"
        assert said in answer.json()["error_description"]
    assert await scene.is_in()


async def test_a_token_counts_once(scene: Scene) -> None:
    """Who kept one cannot sign her out again with it."""
    body = await scene.said(sid=None)
    first = await scene.send(body)
    await enter(scene.browser, ADA)

    again = await scene.send(body)

    assert [200, 400] == [first.status_code, again.status_code]
    assert "used already" in again.json()["error_description"]
    assert await scene.is_in()


async def test_only_the_provider_signs(scene: Scene) -> None:
    """A changed token, one without a signature, and what is no token."""
    body = await scene.said()
    head, claims, signature = body.removeprefix("logout_token=").split(".")
    spoiled = [
        f"logout_token={head}.{claims}.{signature[:-8]}AAAAAAAA",
        f"logout_token=eyJhbGciOiJub25lIn0.{claims}.",
        "logout_token=x",
        "logout_token=",
        "token=" + body,
        "",
        "logout_token=" + "x" * 300_000,
    ]

    answers = [await scene.send(one) for one in spoiled]

    assert {400} == {answer.status_code for answer in answers}
    assert await scene.is_in()
    assert (await scene.send(body)).status_code == 200


async def test_strangers_have_no_keys_fetched_again_and_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token of an unknown key has them fetched once, and again only after a while."""
    fetched = []

    async def fetch(app: object, *, force: bool = False) -> object:
        fetched.append(force)
        return await original(app, force=force)

    original = StarletteOAuth2App.fetch_jwk_set
    monkeypatch.setattr(StarletteOAuth2App, "fetch_jwk_set", fetch)
    _, claims, signature = (await scene.said()).split(".")
    unknown = "eyJhbGciOiJSUzI1NiIsImtpZCI6InVua25vd24ifQ"

    for _ in range(3):
        answer = await scene.send(f"logout_token={unknown}.{claims}.{signature}")
        assert answer.status_code == 400

    assert fetched.count(True) == 1
    monkeypatch.setattr(oidc, "KEYS_KEPT_S", -1.0)
    await scene.send(f"logout_token={unknown}.{claims}.{signature}")
    assert fetched.count(True) == 2


async def test_without_a_provider_there_is_no_such_page(browser: Visitor) -> None:
    """Nobody's word would count."""
    assert (await browser.post(BACK_CHANNEL_PATH)).status_code == 404
