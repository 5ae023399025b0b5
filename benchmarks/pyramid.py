"""The bare pyramid: `likeness.imaging.render` called in a loop, and nothing else.

What it costs is the floor below which no service that makes these renditions can come. Each
process is set up like the service's picture workers, so that it is no worse off than they are.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from statistics import mean, median
from typing import Final

from likeness.imaging.handle import _ENVIRONMENT as WORKER_ENVIRONMENT
from likeness.imaging.plan import Limits, Plan, plan
from likeness.imaging.probe import probe
from likeness.imaging.render import render
from likeness.imaging.worker import prepare_libvips
from load import WARMING_SHARE, Spell
from photos import uploads
from processes import own_pss_bytes

LETTERBOX_RGB: Final = (0, 0, 0)

_Job = tuple[bytes, Plan]


def climb(kind: str, seconds: float, processes: int) -> tuple[Spell, int]:
    """What so many processes get done side by side in `seconds`, and their memory in bytes."""
    command = (sys.executable, __file__, kind, str(seconds))
    environment = os.environ | WORKER_ENVIRONMENT
    climbers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(processes)
    ]
    said = [json.loads(climber.communicate()[0]) for climber in climbers]
    spells = [Spell(**spell) for spell, _ in said]
    together = Spell(
        uploads=sum(spell.uploads for spell in spells),
        per_s=sum(spell.per_s for spell in spells),
        median_s=mean(spell.median_s for spell in spells),
        own_cpu_s=sum(spell.own_cpu_s for spell in spells),
    )
    return together, sum(pss_bytes for _, pss_bytes in said)


def main() -> None:
    """Render pictures of a kind for some seconds, after some to warm up; print `climb`'s answer."""
    kind, seconds = sys.argv[1], float(sys.argv[2])
    prepare_libvips()
    jobs = itertools.cycle([_job(picture.fresh()) for picture in uploads(kind)])
    _render_for(jobs, WARMING_SHARE * seconds)
    cpu_before, start = time.process_time(), time.monotonic()
    taken = _render_for(jobs, seconds)
    per_s = len(taken) / (time.monotonic() - start)
    spell = Spell(len(taken), per_s, median(taken), time.process_time() - cpu_before)
    print(json.dumps([asdict(spell), own_pss_bytes()]))


def _job(data: bytes) -> _Job:
    return data, plan(probe(data), None, Limits(), letterbox_rgb=LETTERBOX_RGB)


def _render_for(jobs: Iterator[_Job], seconds: float) -> list[float]:
    """How many seconds each picture took."""
    end, taken = time.monotonic() + seconds, []
    while (start := time.monotonic()) < end:
        render(*next(jobs))
        taken.append(time.monotonic() - start)
    return taken


if __name__ == "__main__":
    main()
