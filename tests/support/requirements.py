"""The packages that an installation consists of, as deploy/requirements has them."""

import re
from typing import Final

from packaging.requirements import Requirement

from support.docs import ROOT

FOLDER: Final = ROOT / "deploy/requirements"
HASH: Final = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def lines(name: str) -> list[str]:
    """One for each package, without comments."""
    text = (FOLDER / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if not line.startswith("#")]


def pinned(name: str) -> list[Requirement]:
    """The packages of a file, without their hashes."""
    return [Requirement(HASH.sub("", line)) for line in lines(name)]


def pinned_here(name: str) -> list[Requirement]:
    """Those of them that are installed on this machine."""
    return [each for each in pinned(name) if not each.marker or each.marker.evaluate()]
