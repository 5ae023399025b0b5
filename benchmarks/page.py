"""The claim: from opening the page to a stored photo it takes a moment, also with a phone's photo.

A photo of twelve megapixels goes through the page in Chromium as somebody with quick hands would
do it: open, choose, see, set. The server is on the same machine, so that no network is measured.
Exit code 1 when a goal was missed, unless --quick was given.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import Browser  # noqa: E402 - Imports stay together.

from support.live import LiveServer, Person, add_person  # noqa: E402 - The tests are no package.
from support.pictures import encode, photo  # noqa: E402 - See above.
from support.screen import PATIENCE_MS, chromium, visit  # noqa: E402 - See above.

ROUNDS: Final = 7
ROUNDS_QUICK: Final = 2
ORIENTATION: Final = 0x0112
GOAL_MS: Final = 4000
"""From opening the page to the stored photo, in the middle of all rounds."""

WEIGHT_GOAL: Final = 60 * 1024
_PAINTED: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_WEIGHT: Final = """
performance.getEntries().filter((one) => /assets.*(css|js)$/.test(one.name) ||
  one.entryType === "navigation").reduce((sum, one) => sum + one.decodedBodySize, 0)
"""


@dataclass(frozen=True)
class Round:
    """What one journey took.

    Milliseconds until the page is painted; from the choice of the file until the picture is
    seen and until it can be set; from the press of the button until it is stored; and all in all.
    """

    painted: float
    seen: float
    ready: float
    stored: float
    total: float
    weight: int


def phone_photo(seed: int) -> bytes:
    """Twelve megapixels with a tag that turns them upright, about five megabytes."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return encode(photo(4032, 3024, seed), "JPEG", quality=90, exif=exif)


def once(browser: Browser, server: LiveServer, person: Person, file: Path) -> Round:
    """One journey, in a browser that has nothing in its cache."""
    begun = time.perf_counter()
    visitor = visit(browser, server, person)
    opened = time.perf_counter()
    visitor.page.set_input_files("#file", file)
    visitor.page.wait_for_selector("#layer canvas", timeout=PATIENCE_MS)
    seen = time.perf_counter()
    visitor.wait_until_ready()
    ready = time.perf_counter()
    visitor.set()
    stored = time.perf_counter()
    painted, weight = (visitor.page.evaluate(script) for script in (_PAINTED, _WEIGHT))
    visitor.check()
    visitor.page.context.close()
    return Round(
        painted=painted,
        seen=1000 * (seen - opened),
        ready=1000 * (ready - opened),
        stored=1000 * (stored - ready),
        total=1000 * (stored - begun),
        weight=weight,
    )


def measured(rounds: int) -> list[Round]:
    """All rounds, each of somebody new; a first one, which fills caches, is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        server = LiveServer(Path(folder) / "data", {"RATE_LIMITS": "off"})
        people = [add_person(server, f"{number}@example.org") for number in range(rounds + 1)]
        file = Path(folder) / "photo.jpg"
        file.write_bytes(phone_photo(1))
        with server, chromium() as browser:
            return [once(browser, server, person, file) for person in people][1:]


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a smoke run")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    rounds = measured(ROUNDS_QUICK if options.quick else ROUNDS)
    names = asdict(rounds[0])
    middle = {name: round(statistics.median(asdict(one)[name] for one in rounds)) for name in names}
    if options.json:
        print(json.dumps({"median": middle, "rounds": [asdict(one) for one in rounds]}, indent=2))
    else:
        print("\n".join(f"{name:8} {value:7}" for name, value in middle.items()))
    missed = middle["total"] > GOAL_MS or middle["weight"] > WEIGHT_GOAL
    return 1 if missed and not options.quick else 0


if __name__ == "__main__":
    sys.exit(main())
