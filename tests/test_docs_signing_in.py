"""The settings that docs/signing-in.md shows can be used as they stand, and mean what it says."""

import re
import shlex
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest

from likeness.config import load
from likeness.scopes import SCOPES, SCOPES_DEFAULT
from likeness.site.back_channel import BACK_CHANNEL_PATH
from likeness.site.single_sign_on import CALLBACK_PATH
from support import web
from support.commands import CommandLine
from support.docs import blocks, example, page
from support.door import Door, door
from support.fronts import nginx, with_oauth2
from support.live import LiveServer, add_person
from support.oauth2_proxy import COOKIE, SIGN_IN, oauth2_proxy
from support.pictures import jpeg
from support.sitter import sha256_of, sit

PAGE: Final = "docs/signing-in.md"
PROVIDERS: Final = "docs/providers.md"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Door]:
    """The door to a service of its own."""
    async with door(tmp_path) as opened:
        yield opened


def settings(block: str, folder: Path) -> dict[str, str]:
    """The variables of a block, with its secret in a file that is there."""
    secret = folder / "oidc"
    secret.write_text("a secret\n")
    pairs = dict(line.split("=", 1) for line in block.strip().splitlines())
    return pairs | {name: str(secret) for name in pairs if name.endswith("_FILE")}


@pytest.mark.parametrize("block", [*blocks("ini", PAGE), *blocks("ini", PROVIDERS)])
def test_the_settings_of_the_page_can_be_used(block: str, tmp_path: Path) -> None:
    """Each block alone is enough for what stands above it."""
    config = load(settings(block, tmp_path))

    ways = [config.oidc_issuer, config.proxy_user_header, config.smtp_url.get_secret_value()]
    assert list(map(bool, ways)).count(True) == 1
    if config.oidc_issuer:
        assert config.oidc_client_secret.get_secret_value() == "a secret"
    if config.sign_in_workspaces:
        assert config.workspaces == {"example.org": "Acme"}


def test_the_page_names_the_redirect_address_that_is_served() -> None:
    """It is what providers are given, and where they say that somebody signed out."""
    for path in (CALLBACK_PATH, BACK_CHANNEL_PATH):
        assert f"`{path}`" in page(PAGE)
        assert f"`https://photos.example.org{path}`" in page(PROVIDERS)


def test_each_provider_is_asked_for_what_says_who_administers() -> None:
    """By the scope that it wants for groups, and in a way that the settings take."""
    for block in blocks("ini", PROVIDERS):
        pairs = dict(line.split("=", 1) for line in block.strip().splitlines())
        if "groups" in pairs.get("LIKENESS_OIDC_SCOPES", ""):
            assert pairs["LIKENESS_OIDC_ADMINS"].startswith("groups=")


def test_the_commands_about_providers_run(tmp_path: Path) -> None:
    """In their order, where somebody has the address that they name."""
    line = CommandLine(tmp_path)
    line.json("workspace", "add", "Acme")
    line.json("user", "add", "ada@example.org")
    provider = {"LIKENESS_OIDC_ISSUER": "https://id.example", "LIKENESS_OIDC_CLIENT_ID": "x"}

    for block in blocks("sh", PROVIDERS):
        done = line.run(*shlex.split(block)[1:], settings=provider)
        assert done.exit_code == 0, done.output


@pytest.fixture
def signed_in(tmp_path: Path) -> Iterator[tuple[str, LiveServer]]:
    """Where an nginx listens that asks oauth2-proxy, as the page has it; and what is behind."""
    [block] = [each for each in blocks("ini", PAGE) if "PROXY_USER_HEADER" in each]
    told = {
        name.removeprefix("LIKENESS_"): value for name, value in settings(block, tmp_path).items()
    }
    told |= {"SIGN_IN_WORKSPACES": "", "RATE_LIMITS": "off"}
    with (
        LiveServer(tmp_path / "data", told) as live,
        oauth2_proxy() as port,
        nginx(
            tmp_path,
            [f"127.0.0.1:{live.port}"],
            changed=lambda ours: with_oauth2(ours, port),
        ) as url,
    ):
        yield url, live


def test_nginx_asks_oauth2_proxy_who_opens_the_page(signed_in: tuple[str, LiveServer]) -> None:
    """And nobody else says it; programs get photos and the API without being asked."""
    url, live = signed_in
    ada = sit(live, add_person(live, "ada@example.org"))
    forged = {"X-Forwarded-Email": ada.email, "X-Auth-Request-Email": ada.email}

    asked = web.get(f"{url}/", headers=forged)
    sent = web.post(f"{url}/", content=b"remove=1", headers=forged)
    page_of_ada = web.get(f"{url}/", headers={"Cookie": f"{COOKIE}={ada.email}"})
    photo = web.get(f"{url}/avatar/{sha256_of(ada.email)}?s=72")
    call = web.get(f"{url}/api/api.test")

    assert asked.content == sent.content == SIGN_IN
    assert "<title>Photo of ada</title>" in page_of_ada.text
    assert photo.headers["content-type"] == "image/jpeg"
    assert call.json()["ok"]
    assert web.get(f"{url}/oauth2/auth").status_code == 404


def test_the_page_has_every_scope_in_the_order_of_the_default_ones() -> None:
    """Those that methods ask for, and the one that lets a call name somebody else."""
    table = page(PAGE).partition("| scope |")[2].partition("\n\n")[0]

    assert tuple(re.findall(r"^\| `(\S+)`", table, re.MULTILINE)) == SCOPES
    assert SCOPES[: len(SCOPES_DEFAULT)] == SCOPES_DEFAULT


@pytest.mark.anyio
async def test_the_token_of_a_script_is_enough_to_set_everybodys_photo(api: Door) -> None:
    """With the scopes that the page gives it, and no other."""
    scopes = re.findall(r"--scope (\S+)", example("tokens", PAGE))
    token = await api.token(api.work.ada, ",".join(scopes))

    found = await api.call("users.lookupByEmail", token, email="bob@example.org")
    done = await api.call("users.setPhoto", token, jpeg(600, 600), user=found["user"]["id"])

    assert done["ok"], done
    assert (await api.work.again(api.work.bob)).photo is not None
