"""What a public forge reads: workflows, forms, and the hooks that run before a commit."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from support.docs import ROOT

FORGE: Final = ROOT / ".github"
WORKFLOW: Final = "workflows/ci.yml"
FORMS: Final = sorted(path.name for path in (FORGE / "ISSUE_TEMPLATE").glob("*.yml"))
BIN: Final = Path(sys.executable).parent


def assert_is_clean(*command: str | Path) -> None:
    """A checker has nothing to say."""
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_schema_has_nothing_to_say_of_the_workflow() -> None:
    """A key with a slip of the pen would be found by the forge, after a push."""
    schema = "vendor.github-workflows"
    assert_is_clean(BIN / "check-jsonschema", "--builtin-schema", schema, FORGE / WORKFLOW)


@pytest.mark.parametrize("name", FORMS)
def test_the_schema_has_nothing_to_say_of_a_form(name: str) -> None:
    """A form with a fault is not shown at all."""
    path = FORGE / "ISSUE_TEMPLATE" / name
    assert_is_clean(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-issue-forms", path)


def test_the_hooks_can_be_read_and_their_tools_are_here() -> None:
    """By `uv sync` alone, as `just` is."""
    assert_is_clean(BIN / "pre-commit", "validate-config", ".pre-commit-config.yaml")
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    tools = {"just", *re.findall(r"entry: uv run (\S+)", text)}

    missing = {tool for tool in tools if not (BIN / tool).exists()}
    assert missing == set(), "add its package to the group dev of pyproject.toml"


def test_the_workflow_runs_what_ci_runs_and_every_python_that_is_promised() -> None:
    """From the oldest that the package takes; paths that it names are there."""
    jobs: dict[str, Any] = yaml.safe_load((FORGE / WORKFLOW).read_text())["jobs"]
    everything = [step.get("run") for step in jobs["everything"]["steps"]]
    versions: list[str] = jobs["versions"]["strategy"]["matrix"]["python"]
    quick: str = jobs["versions"]["steps"][-1]["run"]
    project = (ROOT / "pyproject.toml").read_text()

    assert "bash .ci/run" in everything
    assert f'requires-python = ">={versions[0]}"' in project
    assert versions == [f"3.{minor}" for minor in range(11, 11 + len(versions))]
    paths = re.findall(r"tests/\S+", quick)
    assert paths
    gone = [path for path in paths if not (ROOT / path).exists()]
    assert gone == [], "take it out of .github/workflows/ci.yml, or name it as it is now"


def test_nothing_is_misspelt() -> None:
    """In what anybody reads: source, tests and documentation."""
    assert_is_clean(BIN / "codespell")
