"""The Dockerfile, done by hand: its steps in a folder, and what it says of the rest."""

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support.docs import ROOT
from support.users import public_python

NOBODY: Final = 65534


@dataclass(frozen=True)
class Image:
    """What the Dockerfile makes: where the root of each stage is, and what the last one says."""

    root: Path
    words: dict[str, str]

    def here(self, path: str) -> Path:
        """A path of the image, on this machine."""
        return self.root / path.removeprefix("/")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile, one pair of word and rest for each instruction."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    pairs = [line.partition(" ") for line in joined.splitlines() if line]
    return [(word, rest) for word, _, rest in pairs]


def done(root: Path, extra: str = "") -> dict[str, str]:
    """Do each instruction, with `extra` for EXTRA; the last words of each kind."""
    words: dict[str, str] = {}
    for word, rest in instructions():
        words[word] = rest
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            copy([ROOT / source for source in sources], root / target[1:], target[-1] == "/")
        elif word == "RUN" and "/source" in rest:
            run(rest.replace("$EXTRA", extra), root)
    shutil.rmtree(root / "source")
    return words


def copy(sources: list[Path], target: Path, is_folder: bool) -> None:
    """As COPY does: the contents of folders, and files by name into a folder."""
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            continue
        path = target / source.name if is_folder else target
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)


def run(rest: str, root: Path) -> None:
    """As RUN does, with a source that cannot be written to, as far as root can be kept from it."""
    words = [re.sub(r"^/(source|opt)/", rf"{root}/\1/", word) for word in shlex.split(rest)]
    (root / "opt").mkdir()
    paths = f"{public_python(NOBODY)}:/usr/bin:/bin"
    before = set((root / "source").rglob("*"))
    subprocess.run(words, env=os.environ | {"PATH": paths}, check=True)
    assert before == set((root / "source").rglob("*"))
