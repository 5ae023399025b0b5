"""The version of the program, for operators and their bug reports."""

from importlib.metadata import version
from typing import Final

VERSION: Final = version("likeness")
"""That of the installed package, such as 0.1.0."""
