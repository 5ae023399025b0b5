"""Settings: where they come from, what is allowed, and how mistakes are told."""

from datetime import timedelta
from pathlib import Path

import pytest

from likeness.config import Config, Mistakes, load, origins, parse_duration, variable
from likeness.model import Format


def test_without_anything_set_the_defaults_make_a_local_installation() -> None:
    """An empty environment gives SQLite and a folder, on loopback."""
    config = load({})

    assert config.host == "127.0.0.1"
    assert config.port == 8080
    assert config.database_url.startswith("sqlite:////")
    assert config.database_url.endswith("/likeness-data/likeness.db")
    assert config.blobs_url.startswith("file:///")
    assert config.base_url == "http://127.0.0.1:8080"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """A TOML file sets, a variable overrides, and each is remembered."""
    file = tmp_path / "likeness.toml"
    file.write_text('port = 9000\nletterbox_colour = "#ff8000"\n')
    environment = {"LIKENESS_CONFIG": str(file), "LIKENESS_PORT": "9001", "HOME": "/"}

    config = load(environment)

    assert config.port == 9001
    assert config.letterbox_rgb == (255, 128, 0)
    assert origins(environment) == {
        "port": "LIKENESS_PORT",
        "letterbox_colour": f"{file}: letterbox_colour",
    }


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """`LIKENESS_SECRET_KEY_FILE` names the file; its text is not shown by repr."""
    file = tmp_path / "key"
    file.write_text("k" * 40 + "\n")

    config = load({"LIKENESS_SECRET_KEY_FILE": str(file)})

    assert config.secret_key.get_secret_value() == "k" * 40
    assert "kkkk" not in repr(config)


def test_all_mistakes_are_told_together_each_with_its_place(tmp_path: Path) -> None:
    """An unknown variable, wrong values, a missing file and an unknown key: one message."""
    file = tmp_path / "likeness.toml"
    file.write_text('colour = "red"\nhost = 5\n')
    environment = {
        "LIKENESS_CONFIG": str(file),
        "LIKENESS_PORT": "eighty",
        "LIKENESS_PROT": "80",
        "LIKENESS_SECRET_KEY_FILE": str(tmp_path / "nowhere"),
        "LIKENESS_KEEP_REPLACED": "a while",
        "LIKENESS_PUBLIC_URL": "photos.example.org",
        "LIKENESS_LETTERBOX_COLOUR": "red",
        "LIKENESS_SECRET_KEY": "short",
    }

    with pytest.raises(Mistakes) as mistakes:
        load(environment)

    lines = str(mistakes.value).splitlines()
    for place in (
        f"{file}: colour: ",
        f"{file}: host: ",
        "LIKENESS_PORT: ",
        "LIKENESS_PROT: ",
        "LIKENESS_SECRET_KEY_FILE: ",
        "LIKENESS_KEEP_REPLACED: ",
        "LIKENESS_PUBLIC_URL: ",
        "LIKENESS_LETTERBOX_COLOUR: ",
        "LIKENESS_SECRET_KEY: ",
    ):
        assert [line for line in lines if line.startswith(place)], place
    assert "short" not in str(mistakes.value)


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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AVATAR_SIDES", "0"),
        ("AVATAR_SIDES", "2049"),
        ("AVATAR_SIDES", "big"),
        ("DEFAULT_URLS", "ftp://a.example"),
        ("DEFAULT_PICTURE", "gnome"),
        ("PHOTO_FORMATS", "png"),
        ("EMAIL_AVATARS", "some"),
    ],
)
def test_what_cannot_be_in_a_list_is_a_mistake(name: str, value: str) -> None:
    """With the name of the setting."""
    with pytest.raises(Mistakes, match=f"LIKENESS_{name}: "):
        load({f"LIKENESS_{name}": value})


def test_a_file_that_is_no_toml_is_a_mistake(tmp_path: Path) -> None:
    """The message names the variable and the file."""
    file = tmp_path / "likeness.toml"
    file.write_text("port: 80")

    with pytest.raises(Mistakes, match="LIKENESS_CONFIG: "):
        load({"LIKENESS_CONFIG": str(file)})


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


def test_a_public_url_loses_its_trailing_slash() -> None:
    """URLs are built by adding a path."""
    config = load({"LIKENESS_PUBLIC_URL": "https://photos.example.org/"})

    assert config.base_url == "https://photos.example.org"


def test_the_chosen_database_and_store_are_used_as_they_are() -> None:
    """Two URLs choose the engines."""
    environment = {"LIKENESS_DATABASE": "sqlite:////x.db", "LIKENESS_BLOBS": "file:///photos"}

    config = load(environment)

    assert config.database_url == "sqlite:////x.db"
    assert config.blobs_url == "file:///photos"


def test_every_setting_has_a_help_text_and_a_variable() -> None:
    """What `likeness config` prints is complete."""
    for name, field in Config.model_fields.items():
        assert field.description
        assert variable(name) == f"LIKENESS_{name.upper()}"


def test_a_provider_needs_to_know_us_and_a_header_somebody_to_trust() -> None:
    """Each half of a pair alone is a mistake, and says which other one is missing."""
    halves = {"LIKENESS_OIDC_ISSUER": "https://id.example", "LIKENESS_PROXY_USER_HEADER": "X-User"}

    with pytest.raises(Mistakes) as caught:
        load(halves)

    for name in ("oidc_client_id", "LIKENESS_OIDC_ISSUER", "proxy_addresses", *halves):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("issuer", "is_right"),
    [
        ("https://id.example/realms/acme", True),
        ("http://127.0.0.1:9000", True),
        ("http://localhost/x", True),
        ("http://id.example", False),
        ("http://localhost.evil.example", False),
        ("id.example", False),
    ],
)
def test_an_issuer_is_reached_by_tls_or_is_here(issuer: str, is_right: bool) -> None:
    """Whoever stands in between could say who anybody is."""
    environment = {"LIKENESS_OIDC_ISSUER": issuer, "LIKENESS_OIDC_CLIENT_ID": "x"}
    if is_right:
        assert issuer == load(environment).oidc_issuer
    else:
        with pytest.raises(Mistakes, match="must begin with https"):
            load(environment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("Acme Corp", {"": "Acme Corp"}),
        ("Example.org=Acme, Other", {"example.org": "Acme", "": "Other"}),
    ],
)
def test_workspaces_are_told_by_domain(text: str, expected: dict[str, str]) -> None:
    """The one without a domain is for every other address."""
    assert expected == load({"LIKENESS_SIGN_IN_WORKSPACES": text}).workspaces


@pytest.mark.parametrize("text", ["=Acme", "example.org=", "a=b=c", "Acme,Other", "a=x,a=y"])
def test_workspaces_that_cannot_be_told_apart_are_mistakes(text: str) -> None:
    """Or that are no names."""
    with pytest.raises(Mistakes, match="SIGN_IN_WORKSPACES"):
        load({"LIKENESS_SIGN_IN_WORKSPACES": text})
