"""Verbs that describe the service."""

import json
from pathlib import Path

from likeness.config import Config
from support.commands import CommandLine


def test_methods_lists_every_method_with_its_scope(tmp_path: Path) -> None:
    """As a table for people and as JSON for programs."""
    line = CommandLine(tmp_path)

    rows = {row["name"]: row for row in line.json("methods")}

    assert rows["users.setPhoto"]["scope"] == "users.profile:write"
    assert "too_many_frames" in rows["users.setPhoto"]["errors"]
    assert "users.setPhoto" in line.run("methods").output


def test_config_shows_every_setting_and_where_it_came_from(tmp_path: Path) -> None:
    """The data folder came from the environment, the rest are defaults."""
    rows = {row["variable"]: row for row in CommandLine(tmp_path).json("config")}

    assert len(rows) == len(Config.model_fields)
    assert rows["LIKENESS_DATA"]["source"] == "LIKENESS_DATA"
    assert rows["LIKENESS_PORT"] == rows["LIKENESS_PORT"] | {"value": "8080", "source": "default"}


def test_config_shows_durations_and_lists_as_they_are_typed(tmp_path: Path) -> None:
    """So that a line can be copied into a file of settings."""
    line = CommandLine(tmp_path)

    result = line.run("config", "--json", settings={"LIKENESS_AVATAR_SIDES": "80,40"})

    values = {row["variable"]: row["value"] for row in json.loads(result.stdout)}
    assert ("30d", "12h", "40,80", "") == (
        values["LIKENESS_KEEP_REPLACED"],
        values["LIKENESS_SESSION_LIFETIME"],
        values["LIKENESS_AVATAR_SIDES"],
        values["LIKENESS_PHOTO_FORMATS"],
    )


def test_config_never_shows_a_secret(tmp_path: Path) -> None:
    """It only says that one is set."""
    settings = tmp_path / "settings.toml"
    settings.write_text(f'secret_key = "{"s3cret" * 8}"')

    line = CommandLine(tmp_path)
    result = line.run("config", "--json", settings={"LIKENESS_CONFIG": str(settings)})

    assert "(set)" in result.output
    assert "s3cret" not in result.output


def test_config_never_shows_a_password(tmp_path: Path) -> None:
    """Of a database only where it is."""
    url = "postgresql://ada:open-sesame@db.example/likeness"

    result = CommandLine(tmp_path).run("config", settings={"LIKENESS_DATABASE": url})

    assert "open-sesame" not in result.output
    assert "postgresql://ada:***@db.example/likeness" in result.output
