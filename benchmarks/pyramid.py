"""The bare pyramid: `likeness.imaging.render` called in a loop in one process, and nothing else.

What it costs is the floor below which no service that makes these renditions can come.
"""

import itertools
import time
from collections.abc import Iterator
from statistics import median
from typing import Final

from likeness.imaging.plan import Limits, Plan, plan
from likeness.imaging.probe import probe
from likeness.imaging.render import render

from load import WARMING_SHARE, Spell
from photos import uploads

LETTERBOX_RGB: Final = (0, 0, 0)

_Job = tuple[bytes, Plan]


def climb(kind: str, seconds: float) -> Spell:
    """Render pictures of `kind` for `seconds`, after some to warm up; only the former count."""
    jobs = itertools.cycle([_job(picture.fresh()) for picture in uploads(kind)])
    _render_for(jobs, WARMING_SHARE * seconds)
    cpu_before, start = time.process_time(), time.monotonic()
    taken = _render_for(jobs, seconds)
    per_s = len(taken) / (time.monotonic() - start)
    return Spell(len(taken), per_s, median(taken), time.process_time() - cpu_before)


def _job(data: bytes) -> _Job:
    return data, plan(probe(data), None, Limits(), letterbox_rgb=LETTERBOX_RGB)


def _render_for(jobs: Iterator[_Job], seconds: float) -> list[float]:
    """How many seconds each picture took."""
    end, taken = time.monotonic() + seconds, []
    while (start := time.monotonic()) < end:
        render(*next(jobs))
        taken.append(time.monotonic() - start)
    return taken
