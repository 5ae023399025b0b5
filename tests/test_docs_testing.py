"""The pages about tests against a double: what they show is run, as they show it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.docs import example
from support.doubles import passes
from support.patience import PATIENCE_S

pytestmark = pytest.mark.slow

LIKENESS = Path(sys.executable).with_name("likeness")


def test_the_python_file_passes(tmp_path: Path) -> None:
    """In a run of pytest of its own, where nothing of ours is but what is installed."""
    (tmp_path / "test_photos.py").write_text(example("python-test", "docs/testing-python.md"))

    passes(tmp_path, "3 passed")


@pytest.mark.parametrize("version", ["web-api-7", "web-api-8"])
def test_the_node_file_passes(node_modules: Path, tmp_path: Path, version: str) -> None:
    """With either version of Slack's client, under the name that it has for everybody."""
    text = example("node-test", "docs/testing-node.md")
    (tmp_path / "photos.test.mjs").write_text(text.replace("@slack/web-api", version))
    (tmp_path / "node_modules").symlink_to(node_modules)

    run = subprocess.run(
        ["node", "--test"],
        cwd=tmp_path,
        env=os.environ | {"LIKENESS": str(LIKENESS)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "pass 3" in run.stdout
