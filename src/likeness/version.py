"""Which version this is, for the people who run it and for those who help them."""

from importlib.metadata import version
from typing import Final

VERSION: Final = version("likeness")
"""That of the installed package, such as 0.1.0."""
