"""The settings themselves: what they are without anybody, and which belong together."""

from urllib.parse import urlsplit

import pytest

from likeness.config import Config, load, variable
from likeness.errors import UnusableSettings


def test_without_anything_set_the_defaults_make_a_local_installation() -> None:
    """An empty environment gives SQLite and a folder, on loopback."""
    config = load({})

    assert config.host == "127.0.0.1"
    assert config.port == 8080
    assert config.database_url.startswith("sqlite:////")
    assert config.database_url.endswith("/likeness-data/likeness.db")
    assert config.blobs_url.startswith("file:///")
    assert config.base_url == "http://127.0.0.1:8080"


def test_a_public_url_loses_its_trailing_slash() -> None:
    """URLs are built by adding a path."""
    config = load({"LIKENESS_PUBLIC_URL": "https://photos.example.org/"})

    assert config.base_url == "https://photos.example.org"


@pytest.mark.parametrize("text", ["https://", "https://u:p@x", "https://x?a=b", "https://x .y"])
@pytest.mark.parametrize("name", ["PUBLIC_URL", "CDN_URL"])
def test_an_address_that_nobody_could_open_is_a_mistake(name: str, text: str) -> None:
    """It is named before anything is served."""
    with pytest.raises(UnusableSettings, match=f"LIKENESS_{name}: "):
        load({f"LIKENESS_{name}": text})


def test_only_photos_may_be_below_a_path() -> None:
    """The page has none before its own: its links, forms and cookies would lead elsewhere."""
    assert load({"LIKENESS_CDN_URL": "https://cdn.test/a/"}).photo_url == "https://cdn.test/a"
    with pytest.raises(UnusableSettings, match=r"LIKENESS_PUBLIC_URL: .*has a path"):
        load({"LIKENESS_PUBLIC_URL": "https://photos.example.org/a"})


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("::1", "http://[::1]:8080"),
        ("::", "http://[::]:8080"),
        ("10.0.0.5", "http://10.0.0.5:8080"),
    ],
)
def test_an_address_of_ipv6_has_brackets_in_every_url(host: str, expected: str) -> None:
    """Without them its last part would be read as the port."""
    config = load({"LIKENESS_HOST": host})

    assert (expected, expected) == (config.base_url, config.photo_url)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "unix:/run/likeness.sock"])
def test_every_address_of_a_machine_is_none_that_can_be_opened(host: str) -> None:
    """What people are given has to be set then."""
    config = load({"LIKENESS_HOST": host})
    assert config.has_dead_address
    assert urlsplit(config.base_url).hostname
    own = {"LIKENESS_HOST": host, "LIKENESS_PUBLIC_URL": "https://photos.example.org"}
    assert not load(own).has_dead_address
    assert not load({}).has_dead_address


@pytest.mark.parametrize(("host", "is_exposed"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_who_can_send_pictures_follows_from_where_it_listens(host: str, is_exposed: bool) -> None:
    """Only this machine, or others too."""
    assert is_exposed == load({"LIKENESS_HOST": host}).is_exposed


def test_photos_are_below_the_address_of_the_cdn_where_there_is_one() -> None:
    """Without one they are below that of everything else."""
    own = {"LIKENESS_PUBLIC_URL": "https://photos.example.org"}

    assert load(own).photo_url == "https://photos.example.org"
    assert load(own | {"LIKENESS_CDN_URL": "https://cdn.test/"}).photo_url == "https://cdn.test"


def test_the_chosen_database_and_store_are_used_as_they_are() -> None:
    """Two URLs choose the engines."""
    environment = {"LIKENESS_DATABASE": "sqlite:////x.db", "LIKENESS_BLOBS": "file:///photos"}

    config = load(environment)

    assert config.database_url == "sqlite:////x.db"
    assert config.blobs_url == "file:///photos"


def test_an_empty_database_and_store_are_those_in_the_folder() -> None:
    """As in an environment file, where a setting without a value is one that nobody chose."""
    assert load({"LIKENESS_DATABASE": "", "LIKENESS_BLOBS": ""}) == load({})


@pytest.mark.parametrize("url", ["ftp://x", "/srv/photos", "s3://u:open-sesame@b", "s3://b?key=x"])
def test_a_store_that_cannot_be_is_named_with_all_other_mistakes(url: str) -> None:
    """By its variable and with what is allowed, but not by its value, which may have a password."""
    with pytest.raises(UnusableSettings, match="LIKENESS_BLOBS: ") as caught:
        load({"LIKENESS_BLOBS": url, "LIKENESS_PORT": "x"})

    assert "LIKENESS_PORT" in str(caught.value)
    assert "open-sesame" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://ada:open-sesame@db/x", "likeness.db", "sqlite://"])
def test_a_database_that_cannot_be_is_a_mistake_too(url: str) -> None:
    """Without its password."""
    with pytest.raises(UnusableSettings, match="LIKENESS_DATABASE: ") as caught:
        load({"LIKENESS_DATABASE": url})

    assert "open-sesame" not in str(caught.value)


@pytest.mark.parametrize("missing", ["", "DATABASE", "BLOBS", "SECRET_KEY"])
def test_a_folder_is_had_for_what_is_nowhere_else(missing: str) -> None:
    """A node of several keeps nothing, so that its disk may be read-only."""
    all_three = {"DATABASE": "postgresql://db/x", "BLOBS": "s3://photos", "SECRET_KEY": "k" * 32}
    chosen = {f"LIKENESS_{name}": text for name, text in all_three.items() if name != missing}

    assert bool(missing) == load(chosen).has_folder


def test_every_setting_has_a_help_text_and_a_variable() -> None:
    """What `likeness config` prints is complete."""
    for name, field in Config.model_fields.items():
        assert field.description
        assert variable(name) == f"LIKENESS_{name.upper()}"


def test_a_provider_needs_to_know_us_and_a_header_somebody_to_trust() -> None:
    """Each half of a pair alone is a mistake, and says which other one is missing."""
    halves = {"LIKENESS_OIDC_ISSUER": "https://id.example", "LIKENESS_PROXY_USER_HEADER": "X-User"}

    with pytest.raises(UnusableSettings) as caught:
        load(halves)

    for name in ("oidc_client_id", "LIKENESS_OIDC_ISSUER", "proxy_addresses", *halves):
        assert name in str(caught.value)


def test_a_token_for_figures_is_hard_to_guess() -> None:
    """The mistake does not repeat it."""
    with pytest.raises(
        UnusableSettings, match=r"LIKENESS_METRICS_TOKEN: .*16 characters"
    ) as caught:
        load({"LIKENESS_METRICS_TOKEN": "open-sesame"})

    assert "open-sesame" not in str(caught.value)
    assert load({}).metrics == "loopback"
    right = load({"LIKENESS_METRICS_TOKEN": "0123456789abcdef"})
    assert "0123456789abcdef" not in repr(right)
