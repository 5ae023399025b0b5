"""The claim: the whole service is small when idle and does not grow with what it has done.

Prints the sum of PSS over the tree of processes, idle and along many uploads, and a verdict.
Exit code 1 when a goal was missed.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import mean
from typing import Final

from load import drive_count
from photos import KINDS
from servers import Server, likeness

IDLE_MB_MAX: Final = 200
GROWTH_MAX: Final = 0.10
"""Between the mean of the second and of the last tenth of the uploads; the first one warms up."""

CONNECTIONS: Final = 4
SAMPLES_PER_TENTH: Final = 5
SETTLE_S: Final = 2.0
MB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """Memory in MB: idle, then after each batch of uploads; and what both mean."""

    uploads: int
    idle_mb: float
    samples_mb: tuple[float, ...]
    growth: float

    @property
    def met(self) -> bool:
        """Whether both goals are."""
        return self.idle_mb < IDLE_MB_MAX and self.growth < GROWTH_MAX


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--uploads", type=int, default=10_000, help="at least 100")
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0], help="pictures to upload")
    parser.add_argument(
        "--folder", type=Path, help="disk to write to; default: that of temporary files"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    finding = _measure(max(options.uploads, 100), options.kind, options.folder)
    print(json.dumps(asdict(finding), indent=2) if options.json else _as_text(finding))
    return 0 if finding.met else 1


def _measure(uploads: int, kind: str, place: Path | None) -> Finding:
    with (
        tempfile.TemporaryDirectory(prefix="likeness-memory-", dir=place) as folder,
        likeness(Path(folder), CONNECTIONS) as server,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as load,
    ):
        time.sleep(SETTLE_S)
        idle_mb = server.pss_bytes() / MB
        print(f"idle: {idle_mb:.0f} MB", file=sys.stderr)
        samples_mb = tuple(_samples(server, load, kind, uploads))
    return Finding(uploads, idle_mb, samples_mb, _growth(samples_mb))


def _samples(server: Server, load: ProcessPoolExecutor, kind: str, uploads: int) -> Iterator[float]:
    """Memory after each of ten times SAMPLES_PER_TENTH batches of uploads."""
    batches = 10 * SAMPLES_PER_TENTH
    for number in range(batches):
        count = uploads * (number + 1) // batches - uploads * number // batches
        load.submit(drive_count, server.target, kind, CONNECTIONS, count).result()
        pss_mb = server.pss_bytes() / MB
        server.clear()
        print(f"{uploads * (number + 1) // batches}: {pss_mb:.0f} MB", file=sys.stderr)
        yield pss_mb


def _growth(samples_mb: tuple[float, ...]) -> float:
    second = mean(samples_mb[SAMPLES_PER_TENTH : 2 * SAMPLES_PER_TENTH])
    return mean(samples_mb[-SAMPLES_PER_TENTH:]) / second - 1


def _as_text(finding: Finding) -> str:
    samples = " ".join(f"{sample:.0f}" for sample in finding.samples_mb)
    growth = f"{finding.growth:+.1%}, goal < {GROWTH_MAX:.0%}"
    return "\n".join(
        [
            f"idle, whole service: {finding.idle_mb:.0f} MB, goal < {IDLE_MB_MAX}",
            f"along {finding.uploads} uploads, MB: {samples}",
            f"growth from the second tenth to the last: {growth}",
            "both goals met" if finding.met else "a goal was missed",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
