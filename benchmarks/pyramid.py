"""The pixels alone, in a loop: by libvips as one writes it, and by our own renderer.

The first is the floor that anybody can reach without a service around it; the second tells what
of a service's price is pixels. Each process is set up like the service's picture workers, so that
it is no worse off than they are.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from statistics import mean, median
from typing import Final

from likeness.imaging.plan import Limits, Plan, plan
from likeness.imaging.pool.spawner import _ENVIRONMENT as WORKER_ENVIRONMENT
from likeness.imaging.probe import probe
from likeness.imaging.worker.encode import JPEG_QUALITY
from likeness.imaging.worker.process import prepare_libvips
from likeness.imaging.worker.render import render
from load import WARMING_SHARE, Spell
from peers import libvips_pyramid
from photos import uploads
from processes import own_pss_bytes
from servers import PEER_PNG_COMPRESSION

LETTERBOX_RGB: Final = (0, 0, 0)

_Job = tuple[bytes, Plan]
_Work = Callable[[bytes, Plan], object]


def _libvips(data: bytes, _: Plan) -> object:
    return libvips_pyramid.render(data, JPEG_QUALITY, PEER_PNG_COMPRESSION)


WAYS: Final[dict[str, _Work]] = {"libvips": _libvips, "likeness": render}


def climb(way: str, kind: str, seconds: float, processes: int) -> tuple[Spell, int]:
    """What so many processes get done side by side in `seconds`, and their memory in bytes.

    `way` is one of WAYS.
    """
    command = (sys.executable, __file__, way, kind, str(seconds))
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
    way, kind, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    prepare_libvips()
    work = WAYS[way]
    jobs = itertools.cycle([_job(picture.fresh()) for picture in uploads(kind)])
    _render_for(work, jobs, WARMING_SHARE * seconds)
    cpu_before, start = time.process_time(), time.monotonic()
    taken = _render_for(work, jobs, seconds)
    per_s = len(taken) / (time.monotonic() - start)
    spell = Spell(len(taken), per_s, median(taken), time.process_time() - cpu_before)
    print(json.dumps([asdict(spell), own_pss_bytes()]))


def _job(data: bytes) -> _Job:
    return data, plan(probe(data), None, Limits(), letterbox_rgb=LETTERBOX_RGB)


def _render_for(work: _Work, jobs: Iterator[_Job], seconds: float) -> list[float]:
    """How many seconds each picture took."""
    end, taken = time.monotonic() + seconds, []
    while (start := time.monotonic()) < end:
        work(*next(jobs))
        taken.append(time.monotonic() - start)
    return taken


if __name__ == "__main__":
    main()
