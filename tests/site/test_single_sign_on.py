"""Signing in by a real OpenID Connect provider: there, through its forms, and back."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from starlette.requests import Request
from starlette.responses import Response

from likeness.errors import NotAdmitted
from likeness.site.cookies import Cookie
from likeness.site.oidc import Journey
from likeness.site.single_sign_on import CALLBACK_PATH, START_PATH, Luggage
from support.browser import HOME, Visitor
from support.pictures import jpeg
from support.provider import provider
from support.sign_on import at, enter, enter_as, sent_back

pytestmark = pytest.mark.anyio

JOURNEY = Journey("a state", "a nonce", "a verifier")
COOKIE = Cookie("likeness_oidc", is_https=False)


async def test_somebody_known_comes_in_by_their_address(issuer: str, tmp_path: Path) -> None:
    """Their name and photo stay as they are; the cookie of the journey is gone."""
    async with at(issuer, tmp_path) as browser:
        ada = browser.work.ada
        await browser.work.service.photos.set(ada, jpeg(600, 600), None)
        before = await browser.work.again(ada)
        offered = (await browser.get("/")).text

        answer = await enter(browser, "Ada@example.org")

        assert "Sign in with Acme &amp; Co" in offered
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert ["likeness_session"] == list(browser.cookies)
        assert before == await browser.work.again(ada)
        assert ada.real_name in (await browser.get("/")).text


async def test_somebody_new_is_added_once_with_their_name(issuer: str, tmp_path: Path) -> None:
    """Whatever it is made of; without one it is taken from the address."""
    async with at(issuer, tmp_path) as browser:
        for login in ("eve@example.org", "eve@example.org", "nameless@example.org"):
            assert (await enter(browser, login)).status_code == 303
        page = await browser.work.service.accounts.users(browser.work.ada.team_id, "", 10)

    names = {user.email: user.real_name for user in page.users}
    assert len(names) == len(page.users) == 4
    assert names["eve@example.org"] == "Dr. eve <script>"
    assert names["nameless@example.org"] == "nameless"


async def test_what_is_asked_for_is_bound_to_this_browser_and_this_visit(
    issuer: str, tmp_path: Path
) -> None:
    """A state, a nonce and a challenge, fresh each time; none of them can be read in the cookie."""
    async with at(issuer, tmp_path) as browser:
        first, second = [await browser.get(START_PATH) for _ in range(2)]
        cookie = first.headers["set-cookie"]

    asked = [parse_qs(urlsplit(each.headers["location"]).query) for each in (first, second)]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert asked[0][name][0] not in cookie
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["scope"] == ["openid email profile"]
    assert asked[0]["redirect_uri"] == [HOME + CALLBACK_PATH]
    assert "httponly" in cookie.lower()
    assert "max-age=600" in cookie.lower()


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ("unverified@example.org", "has not verified"),
        ("unsure@example.org", "has not verified"),
        ("nowhere", "did not say your e-mail address"),
    ],
)
async def test_an_address_that_is_not_verified_stays_out(
    issuer: str, tmp_path: Path, login: str, said: str
) -> None:
    """Anybody can type one."""
    async with at(issuer, tmp_path) as browser:
        answer = await enter(browser, login)

        assert answer.status_code == 403
        assert said in answer.text
        assert {} == browser.cookies


async def test_whoever_left_and_whoever_is_a_bot_stays_out(issuer: str, tmp_path: Path) -> None:
    """A provider that still knows them changes nothing."""
    async with at(issuer, tmp_path) as browser:
        people = browser.work.service.people
        await people.deactivate("bob@example.org")
        await people.add_user("robot@example.org", "Acme", is_bot=True)

        for login in ("bob@example.org", "robot@example.org"):
            answer = await enter(browser, login)
            assert answer.status_code == 403
            assert "deactivated" in answer.text


async def test_a_subject_is_the_person_and_an_address_is_not(issuer: str, tmp_path: Path) -> None:
    """The same address with another subject stays out; the same subject keeps its person."""
    address = {"email": "ada@example.org", "email_verified": True}
    async with at(issuer, tmp_path) as browser:
        ada = browser.work.ada
        first = await enter_as(browser, issuer, "one", **address)
        successor = await enter_as(browser, issuer, "two", **address)
        renamed = await enter_as(browser, issuer, "one", **address | {"email": "ida@example.org"})
        nameless = await enter_as(browser, issuer, "one")
        now = await browser.work.again(ada)

    assert [303, 403, 303, 303] == [
        each.status_code for each in (first, successor, renamed, nameless)
    ]
    assert "another account of the same provider" in successor.text
    assert now.email == "ida@example.org"


@pytest.mark.parametrize(
    ("said", "settings", "status"),
    [
        ({"email_verified": "True"}, {}, 303),
        ({"email_verified": "false"}, {}, 403),
        ({"xms_edov": True}, {}, 303),
        ({}, {"oidc_email": "trusted"}, 303),
        ({"email_verified": False}, {"oidc_email": "trusted"}, 403),
    ],
)
async def test_how_a_provider_says_that_an_address_is_verified(
    issuer: str, tmp_path: Path, said: dict[str, object], settings: dict[str, str], status: int
) -> None:
    """As a text, as Entra says it, or not at all, which counts where the settings say so.

    tests/site/test_claims.py has all ways.
    """
    async with at(issuer, tmp_path, **settings) as browser:
        answer = await enter_as(browser, issuer, "one", email="ada@example.org", **said)

    assert answer.status_code == status, answer.text


async def test_a_name_that_looks_like_an_address_is_none(issuer: str, tmp_path: Path) -> None:
    """People can change it at some providers."""
    async with at(issuer, tmp_path, oidc_email="trusted") as browser:
        names = dict.fromkeys(("preferred_username", "upn", "unique_name"), "ada@example.org")
        answer = await enter_as(browser, issuer, "one", **names)

    assert answer.status_code == 403
    assert "did not say your e-mail address" in answer.text


async def test_the_provider_says_who_administers(issuer: str, tmp_path: Path) -> None:
    """By a list or a text; whoever has it no longer does not."""
    address = {"email": "ada@example.org", "email_verified": True}
    async with at(issuer, tmp_path, oidc_admins="groups=admins,groups=chiefs") as browser:
        ada, came = browser.work.ada, []
        for groups in (["all", "admins"], ["all"], "chiefs", None, ["Admins", 7]):
            claims = address if groups is None else {**address, "groups": groups}
            assert (await enter_as(browser, issuer, "one", **claims)).status_code == 303
            came.append((await browser.work.again(ada)).is_admin)

    assert [True, False, True, False, False] == came


async def test_addresses_of_one_domain_are_let_into_one_workspace(
    issuer: str, tmp_path: Path
) -> None:
    """And others stay out, since anybody has an account at some providers."""
    domains = {"sign_in_workspaces": "example.org=Acme"}
    async with at(issuer, tmp_path, **domains) as browser:
        known = await enter(browser, "ada@example.org")
        other = await enter(browser, "eve@evil.example")

    assert known.status_code == 303
    assert other.status_code == 403
    assert "Addresses of evil.example cannot sign in here" in other.text


@pytest.mark.parametrize(
    "wrong", ["audience", "nonce", "issuer", "signature", "algorithm", "expiry"]
)
async def test_an_id_token_with_anything_wrong_is_not_believed(
    provider_folder: Path, tmp_path: Path, wrong: str
) -> None:
    """Each by itself, in an answer that is right in all else."""
    with provider(provider_folder, HOME + CALLBACK_PATH, wrong) as spoiled:
        async with at(spoiled, tmp_path) as browser:
            answer = await enter(browser, "ada@example.org")

            assert answer.status_code == 403
            assert "could not be trusted" in answer.text
            assert {} == browser.cookies


async def test_a_provider_that_says_everything_in_the_id_token_is_asked_no_more(
    provider_folder: Path, tmp_path: Path
) -> None:
    """As most do."""
    with provider(provider_folder, HOME + CALLBACK_PATH, "inline") as talkative:
        async with at(talkative, tmp_path) as browser:
            assert (await enter(browser, "ada@example.org")).status_code == 303


async def test_an_answer_works_once_and_in_one_browser(issuer: str, tmp_path: Path) -> None:
    """Whoever is sent a stranger's answer would be signed in as the stranger."""
    async with at(issuer, tmp_path) as browser:
        back = await sent_back(browser, "ada@example.org")
        luggage = {"Cookie": f"likeness_oidc={browser.cookies['likeness_oidc']}"}

        browser.client.cookies.clear()
        without = await browser.get(back)
        elsewhere = await browser.client.get(f"{back}x", headers=luggage)
        changed = await browser.client.get(back.replace("state=", "state=x"), headers=luggage)
        right = await browser.client.get(back, headers=luggage)
        browser.client.cookies.clear()
        again = await browser.client.get(back, headers=luggage)

    assert [403, 403, 403, 303, 403] == [
        each.status_code for each in (without, elsewhere, changed, right, again)
    ]
    assert "another browser" in without.text


async def test_an_answer_of_another_provider_is_refused(issuer: str, tmp_path: Path) -> None:
    """By the name that it gives itself (RFC 9207)."""
    async with at(issuer, tmp_path) as browser:
        back = await sent_back(browser, "ada@example.org")
        parts = urlsplit(back)
        query = parse_qs(parts.query) | {"iss": ["https://evil.example"]}
        answer = await browser.client.get(
            parts.path, params={name: values[0] for name, values in query.items()}
        )

    assert answer.status_code == 403
    assert "Another provider" in answer.text


async def test_who_cancels_is_asked_again(issuer: str, tmp_path: Path) -> None:
    """With the button, and no more is said than that."""
    async with at(issuer, tmp_path) as browser:
        answer = await browser.get(await sent_back(browser, "", is_willing=False))

    assert answer.status_code == 403
    assert "was cancelled" in answer.text
    assert START_PATH in answer.text
    assert "aborted" not in answer.text


async def test_whoever_wanted_a_page_comes_to_it(issuer: str, tmp_path: Path) -> None:
    """As from the link in a message: the page is kept while they sign in, and not longer."""
    async with at(issuer, tmp_path) as browser:
        wanted = f"/?user={browser.work.bob.id}"
        await browser.get(wanted)
        there = await enter(browser, "ada@example.org")
        again = await enter(browser, "ada@example.org")

    assert [wanted, "/"] == [there.headers["location"], again.headers["location"]]


async def test_without_a_provider_there_is_no_such_page(browser: Visitor) -> None:
    """And no button."""
    assert (await browser.get(START_PATH)).status_code == 404
    assert START_PATH not in (await browser.get("/")).text


def packed(luggage: Luggage) -> Request:
    """A request that brings what was given out."""
    response = Response()
    luggage.pack(JOURNEY, response)
    value = response.headers["set-cookie"].partition(";")[0]
    return Request({"type": "http", "headers": [(b"cookie", value.encode())]})


def test_luggage_comes_back_as_it_was() -> None:
    """To whoever has the key."""
    luggage = Luggage(COOKIE, b"k" * 32)

    assert JOURNEY == luggage.unpack(packed(luggage))


@pytest.mark.parametrize("case", ["other key", "changed", "cut", "signed", "none", "rubbish"])
def test_luggage_of_anybody_elses_is_not_opened(case: str) -> None:
    """Nor what only looks like it."""
    luggage = Luggage(COOKIE, b"k" * 32)
    text = COOKIE.read(packed(Luggage(COOKIE, (b"x" if case == "other key" else b"k") * 32)))
    values = {
        "changed": text[:-2] + ("AA" if text[-2:] != "AA" else "BB"),
        "cut": text.rpartition(".")[0],
        "signed": jwt.encode({"alg": "HS256"}, {"state": "a"}, luggage._key),
        "none": "eyJhbGciOiJub25lIn0.e30.",
        "rubbish": "\xff" * 4000,
    }
    cookie = f"likeness_oidc={values.get(case, text)}".encode("latin-1")

    with pytest.raises(NotAdmitted, match="another browser"):
        luggage.unpack(Request({"type": "http", "headers": [(b"cookie", cookie)]}))


def test_luggage_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes back after ten minutes begins again."""
    luggage = Luggage(COOKIE, b"k" * 32)
    monkeypatch.setattr("likeness.site.single_sign_on.JOURNEY_S", -1)

    with pytest.raises(NotAdmitted, match="took too long"):
        luggage.unpack(packed(luggage))
