"""Being somebody else for a moment, and the program as a user who owns nothing."""

import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from support.docs import ROOT

NOBODY: Final = 65534

_PROGRAM: Final = """#!/bin/sh
exec {python} -m likeness "$@"
"""


def needs_root() -> None:
    """Skip where this user cannot become another one."""
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else for a moment")


@contextmanager
def acting_as(number: int) -> Iterator[None]:
    """Have this process act as another user, for whom root's own Python may be out of reach.

    So nothing may be imported meanwhile.
    """
    needs_root()
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(number)
    os.seteuid(number)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@contextmanager
def umask(bits: int) -> Iterator[None]:
    """What is taken from every new file."""
    before = os.umask(bits)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    """What anybody may do with it."""
    return stat.S_IMODE(path.lstat().st_mode)


def owner(path: Path) -> tuple[int, int]:
    """Its user and group."""
    return path.lstat().st_uid, path.lstat().st_gid


@contextmanager
def public_folder() -> Iterator[Path]:
    """An empty folder that everybody may pass; pytest's own ones are shut to others."""
    folder = Path(tempfile.mkdtemp(prefix="likeness-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        remove(folder)


def folder_of(number: int, folder: Path) -> Path:
    """A new folder of somebody's; it must be below folders that everybody may pass."""
    needs_root()
    folder.mkdir(0o700)
    os.chown(folder, number, number)
    return folder


def public_python(user: int) -> Path:
    """The folder of a Python that such a user may run and that can make environments.

    The one that runs the tests may be in root's home.
    """
    candidates = [Path(sys.base_prefix) / "bin", Path("/usr/local/bin"), Path("/usr/bin")]
    for folder in candidates:
        words = [str(folder / "python3"), "-c", "import ensurepip"]
        try:
            run = subprocess.run(words, user=user, cwd="/", check=False, capture_output=True)
        except OSError:
            continue
        if run.returncode == 0:
            return folder
    raise AssertionError(f"no python3 with venv in {candidates}")


def public_program(folder: Path) -> Path | None:
    """This checkout as a program that everybody may run; None where that cannot be arranged.

    It needs a Python that others may run, of the version that our packages were made for.
    """
    python = public_python(NOBODY) / "python3"
    subprocess.run([python, "-m", "venv", "--without-pip", folder / "env"], check=True)
    [packages] = (folder / "env/lib").glob("python3.*/site-packages")
    places = [sysconfig.get_path("purelib"), str(ROOT / "src")]
    (packages / "likeness.pth").write_text("\n".join(places))
    program = folder / "likeness"
    program.write_text(_PROGRAM.format(python=folder / "env/bin/python"))
    program.chmod(0o755)
    is_ours = packages.parent.name == f"python{sys.version_info.major}.{sys.version_info.minor}"
    return program if is_ours and _runs(program) else None


def _runs(program: Path) -> bool:
    run = subprocess.run(
        [program, "methods"], user=NOBODY, group=NOBODY, cwd="/", check=False, capture_output=True
    )
    return run.returncode == 0


def remove(folder: Path) -> None:
    """Even what belongs to others."""
    shutil.rmtree(folder, ignore_errors=True)
