"""Lists, addresses and spans of time: what is allowed in a setting."""

from datetime import timedelta
from pathlib import Path

import pytest

from likeness.config import load, parse_duration, spelt
from likeness.errors import UnusableSettings
from likeness.model import Format


def test_lists_are_written_with_commas_or_as_lists(tmp_path: Path) -> None:
    """Sides in order, each once."""
    file = tmp_path / "likeness.toml"
    file.write_text('avatar_sides = [80, 40]\ndefault_urls = ["https://a.example/"]\n')
    environment = {
        "LIKENESS_AVATAR_SIDES": " 96,24 , 96,",
        "LIKENESS_DEFAULT_URLS": "https://a.example/x/, http://b.example",
        "LIKENESS_PHOTO_FORMATS": "webp",
    }

    config = load(environment)

    assert config.avatar_sides == (24, 96)
    assert config.default_urls == ("https://a.example/x/", "http://b.example")
    assert config.photo_formats == (Format.WEBP,)
    assert load({"LIKENESS_CONFIG": str(file)}).avatar_sides == (40, 80)


def test_hosts_are_in_the_form_that_urls_have_them() -> None:
    """Small letters, punycode, brackets, and no port that they have anyway."""
    named = " Photos.Example.ORG, photos.example.org:443, [2001:DB8:0::1]:8443, bücher.example"

    hosts = load({"LIKENESS_PICTURE_HOSTS": named}).picture_hosts

    assert hosts == ("photos.example.org", "[2001:db8::1]:8443", "xn--bcher-kva.example")
    assert load({}).picture_hosts == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("PICTURE_HOSTS", host)
            for host in (
                *("https://a.example", "a.example/", "a.example/faces", "*.example.org", "*"),
                *("ada@a.example", "a.example:x", "a.example:70000", "a b", "a..b", "a?b", "1.2"),
            )
        ),
        ("AVATAR_SIDES", "0"),
        ("AVATAR_SIDES", "2049"),
        ("AVATAR_SIDES", "big"),
        ("DEFAULT_URLS", "ftp://a.example"),
        ("DEFAULT_URLS", "https://a.example/,https://"),
        ("DEFAULT_PICTURE", "gnome"),
        ("PHOTO_FORMATS", "png"),
        ("EMAIL_AVATARS", "some"),
    ],
)
def test_what_cannot_be_in_a_list_is_a_mistake(name: str, value: str) -> None:
    """With the name of the setting."""
    with pytest.raises(UnusableSettings, match=f"LIKENESS_{name}: "):
        load({f"LIKENESS_{name}": value})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        ("0s", timedelta(0)),
    ],
)
def test_durations_are_a_number_and_a_unit(text: str, expected: timedelta) -> None:
    """The four units."""
    assert expected == parse_duration(text)
    assert expected == load({"LIKENESS_KEEP_REPLACED": text}).keep_replaced


@pytest.mark.parametrize("text", ["", "d", "5", "1.5h", "-3d", "3 d", "³d", "9999999d", "1w"])
def test_other_texts_are_no_durations(text: str) -> None:
    """The message shows what to write."""
    with pytest.raises(ValueError, match="such as 30d"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("forever", None), ("90d", timedelta(days=90)), ("0s", timedelta(0))],
)
def test_photos_of_leavers_are_kept_for_a_time_or_for_ever(
    text: str, expected: timedelta | None
) -> None:
    """For ever where nothing is said; it is shown as one would write it."""
    config = load({"LIKENESS_KEEP_LEAVERS": text})

    assert expected == config.keep_leavers
    assert text == spelt(config.keep_leavers)
    assert load({}).keep_leavers is None


@pytest.mark.parametrize("written", ["0", '"0"', '"never"', '""', "90"])
def test_what_may_mean_at_once_or_never_is_a_mistake(written: str, tmp_path: Path) -> None:
    """A bare number does: the message shows what to write for each."""
    file = tmp_path / "likeness.toml"
    file.write_text(f"keep_leavers = {written}\n")

    with pytest.raises(UnusableSettings, match="such as 30d, or forever"):
        load({"LIKENESS_CONFIG": str(file)})


@pytest.mark.parametrize(
    ("issuer", "is_right"),
    [
        ("https://id.example/realms/acme", True),
        ("http://127.0.0.1:9000", True),
        ("http://localhost/x", True),
        ("http://id.example", False),
        ("http://localhost.evil.example", False),
        ("id.example", False),
        ("https://", False),
        ("https://id.example?realm=acme", False),
        ("https://ada:open-sesame@id.example", False),
        ("https://id.example/" + "x" * 281, True),
        ("https://id.example/" + "x" * 282, False),
    ],
)
def test_an_issuer_is_reached_by_tls_or_is_here(issuer: str, is_right: bool) -> None:
    """Whoever stands in between could say who anybody is."""
    environment = {"LIKENESS_OIDC_ISSUER": issuer, "LIKENESS_OIDC_CLIENT_ID": "x"}
    if is_right:
        assert issuer == load(environment).oidc_issuer
    else:
        with pytest.raises(UnusableSettings, match="LIKENESS_OIDC_ISSUER: ") as caught:
            load(environment)
        assert "open-sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "tenant",
    ["common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad", "11-22"],
)
@pytest.mark.parametrize("trust", ["trusted", "verified"])
def test_silence_is_not_trusted_where_everybody_has_an_account(tenant: str, trust: str) -> None:
    """Anybody can make a tenant of Entra, with any address in it."""
    environment = {
        "LIKENESS_OIDC_ISSUER": f"https://login.microsoftonline.com/{tenant}/v2.0",
        "LIKENESS_OIDC_CLIENT_ID": "x",
        "LIKENESS_OIDC_EMAIL": trust,
    }
    if trust == "verified" or tenant == "11-22":
        assert trust == load(environment).oidc_email
    else:
        with pytest.raises(UnusableSettings, match=r"LIKENESS_OIDC_EMAIL: .*your own tenant"):
            load(environment)


def test_who_administers_is_a_claim_and_a_value() -> None:
    """A value may have further equals signs."""
    config = load({"LIKENESS_OIDC_ADMINS": "groups=likeness-admins, roles=cn=chiefs"})

    assert config.admin_claims == (("groups", "likeness-admins"), ("roles", "cn=chiefs"))
    assert load({}).admin_claims == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ADMINS", "likeness-admins"),
        ("OIDC_ADMINS", "groups="),
        ("OIDC_ADMINS", "=likeness-admins"),
        ("OIDC_SCOPES", "email,profile"),
        ("OIDC_SCOPES", "openid email"),
        ("OIDC_EMAIL", "all"),
    ],
)
def test_what_a_provider_cannot_be_asked_is_a_mistake(name: str, value: str) -> None:
    """With the name of the setting."""
    with pytest.raises(UnusableSettings, match=f"LIKENESS_{name}: "):
        load({f"LIKENESS_{name}": value})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0s", "0s"),
        ("90s", "90s"),
        ("60s", "1m"),
        ("12h", "12h"),
        ("30d", "30d"),
        ("36h", "36h"),
        ("48h", "2d"),
    ],
)
def test_a_duration_is_spelt_as_it_could_be_typed(text: str, expected: str) -> None:
    """In the largest unit that it is a whole number of."""
    assert expected == spelt(parse_duration(text))
    assert parse_duration(text) == parse_duration(expected)


def test_an_empty_issuer_is_none() -> None:
    """As in a file of settings where nobody chose one."""
    assert load({"LIKENESS_OIDC_ISSUER": "", "LIKENESS_PUBLIC_URL": ""}) == load({})


def test_other_settings_are_spelt_as_they_are_typed() -> None:
    """Lists with commas, numbers without a needless point, words as themselves."""
    config = load(
        {
            "LIKENESS_AVATAR_SIDES": "80,40",
            "LIKENESS_PHOTO_FORMATS": "webp",
            "LIKENESS_PROXY_ADDRESSES": "10.0.0.0/24,::1",
            "LIKENESS_REQUEST_TIMEOUT_S": "2.5",
        }
    )

    assert ("40,80", "webp", "10.0.0.0/24,::1/128", "2.5", "8", "") == (
        spelt(config.avatar_sides),
        spelt(config.photo_formats),
        spelt(config.proxy_addresses),
        spelt(config.request_timeout_s),
        spelt(config.picture_timeout_s),
        spelt(config.default_urls),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("Acme Corp", {"": "Acme Corp"}),
        ("Example.org=Acme, Other", {"example.org": "Acme", "": "Other"}),
        ("xn--bcher-kva.example=Acme", {"bücher.example": "Acme"}),
    ],
)
def test_workspaces_are_told_by_domain(text: str, expected: dict[str, str]) -> None:
    """The one without a domain is for every other address."""
    assert expected == load({"LIKENESS_SIGN_IN_WORKSPACES": text}).workspaces


@pytest.mark.parametrize(
    "text",
    [
        *("=Acme", "example.org=", "a=b=c", "Acme,Other", "a=x,a=y", "a=x,A=y"),
        "bücher.example=x,xn--bcher-kva.example=y",
    ],
)
def test_workspaces_that_cannot_be_told_apart_are_mistakes(text: str) -> None:
    """Or that are no names."""
    with pytest.raises(UnusableSettings, match="SIGN_IN_WORKSPACES"):
        load({"LIKENESS_SIGN_IN_WORKSPACES": text})


def test_scopes_are_asked_for_in_their_order() -> None:
    """As they were written."""
    assert load({"LIKENESS_OIDC_SCOPES": "openid, email"}).oidc_scopes == ("openid", "email")
