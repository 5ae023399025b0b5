"""Where the corpus of other projects' files lies, which may be read here but not copied."""

from pathlib import Path
from typing import Final

SHARED: Final = Path(__file__).parents[3] / "shared" / "corpus"
SHARED_IS_ABSENT: Final = "../shared/corpus is not beside this checkout"
"""The one reason for a skip that CI allows, on a machine where that is so."""
