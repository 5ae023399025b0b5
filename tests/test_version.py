"""The version that is told everywhere is the one that is built."""

import tomllib

from likeness.version import VERSION
from support.docs import ROOT


def test_the_version_is_that_of_the_project() -> None:
    """An installation that was not made anew after it was raised would tell another one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == VERSION
