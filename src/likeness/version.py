"""The version of the program, for operators and their bug reports."""

from importlib.metadata import version
from typing import Final

DISTRIBUTION: Final = "likeness-avatars"
"""What the package index and pip call it; another project there is called likeness."""

VERSION: Final = version(DISTRIBUTION)
"""That of the installed package, such as 0.1.0."""
