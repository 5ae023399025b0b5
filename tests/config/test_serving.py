"""Where the service is reached: addresses that can be opened, and whom they let in."""

from urllib.parse import urlsplit

import pytest

from likeness.config import load
from likeness.errors import UnusableSettings


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
