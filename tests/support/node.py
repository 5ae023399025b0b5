"""Packages of npm for tests: copied beside their lock file and installed, exactly as it says."""

import shutil
import subprocess
from pathlib import Path

import pytest

from support.patience import INSTALL_PATIENCE_S


def installed(sources: Path, folder: Path) -> Path:
    """`folder`, a copy of `sources` with its packages; skips where Node or npm is missing."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    shutil.copytree(sources, folder, ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder
