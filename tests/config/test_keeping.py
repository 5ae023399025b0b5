"""Where things are kept: a folder, or a database and a store that can be."""

import pytest

from likeness.config import load
from likeness.errors import UnusableSettings


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
