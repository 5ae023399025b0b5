"""Where settings come from, and how mistakes are told."""

from pathlib import Path

import pytest

from likeness.config import load, origins
from likeness.errors import UnusableSettings


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

    with pytest.raises(UnusableSettings) as mistakes:
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


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("PORT", "eighty", "'eighty' is no whole number"),
        ("PORT", "70000", "70000 is too large; the most is 65535"),
        ("WORKERS", "0", "0 is too small; the least is 1"),
        ("LOG_LEVEL", "loud", "'loud' is none of 'debug', 'info', 'warning' or 'error'"),
        ("LETTERBOX_COLOUR", "red", "'red' is not of the form ^#[0-9a-fA-F]{6}$"),
        ("KEEP_REPLACED", "soon", "'soon' is no duration; write a number and s, m, h or d"),
        ("SECRET_KEY", "short", "must have 32 characters or more"),
        ("LOGLEVEL", "debug", "no such setting; did you mean LIKENESS_LOG_LEVEL?"),
        ("ZZZ", "1", "no such setting; take it away, and `likeness config` lists"),
    ],
)
def test_a_mistake_says_what_was_found_and_what_is_allowed(name: str, text: str, told: str) -> None:
    with pytest.raises(UnusableSettings) as mistakes:
        load({f"LIKENESS_{name}": text})

    assert str(mistakes.value).startswith(f"LIKENESS_{name}: {told}")


def test_a_setting_that_is_missing_is_named_as_it_is_set() -> None:
    """It has no place yet; a variable is what people try first."""
    with pytest.raises(UnusableSettings, match=r"^LIKENESS_LDAP_BASE: is needed"):
        load({"LIKENESS_LDAP_URL": "ldap://127.0.0.1"})


def test_a_mistake_in_a_file_is_told_as_it_is_written_there(tmp_path: Path) -> None:
    """A secret that is no text is not shown either."""
    file = tmp_path / "likeness.toml"
    file.write_text("prot = 80\nsecret_key = 123456\n")

    with pytest.raises(UnusableSettings) as mistakes:
        load({"LIKENESS_CONFIG": str(file)})

    assert f"{file}: prot: no such setting; did you mean port?" in str(mistakes.value)
    assert "123456" not in str(mistakes.value)


def test_a_file_that_is_no_toml_is_a_mistake(tmp_path: Path) -> None:
    """The message names the variable and the file."""
    file = tmp_path / "likeness.toml"
    file.write_text("port: 80")

    with pytest.raises(UnusableSettings, match="LIKENESS_CONFIG: "):
        load({"LIKENESS_CONFIG": str(file)})
