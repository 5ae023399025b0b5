"""Programs from the package index, each in a virtual environment of its own.

It is made once on each machine. They bring things along that this project must not see.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from support.patience import INSTALL_PATIENCE_S


def installed(package: str, version: str) -> Path:
    """The folder of a package's programs, made at need; skips where it cannot be had.

    Their first lines name a folder that is gone: start them as arguments of the `python` there.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "likeness-tests"
    home = cache / f"{package}-{version}"
    if not home.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        _install(f"{package}=={version}", Path(tempfile.mkdtemp(dir=cache)), home)
    return home / "bin"


def _install(wanted: str, draft: Path, home: Path) -> None:
    """Install into a draft, which gets its name only when it is complete: two may try at once."""
    steps = (
        ["venv", "--quiet", "--relocatable", "--python", sys.executable, str(draft)],
        ["pip", "install", "--quiet", "--python", str(draft / "bin/python"), wanted],
    )
    for step in steps:
        done = subprocess.run(
            [sys.executable, "-m", "uv", *step],
            capture_output=True,
            text=True,
            timeout=INSTALL_PATIENCE_S,
            check=False,
        )
        if done.returncode:
            shutil.rmtree(draft)
            pytest.skip(f"{wanted} cannot be installed: {done.stderr[-500:]}")
    try:
        draft.rename(home)
    except OSError:
        shutil.rmtree(draft)
