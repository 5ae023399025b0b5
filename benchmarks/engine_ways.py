"""One way to make all files of a photo, in a process of its own that is told what to make.

    python engine_ways.py WAY JPEG_QUALITY PNG_COMPRESSION

Each line on standard input is a request, each line on standard output its answer, both JSON; the
Node peer speaks the same. Request: `paths` of uploads, `seconds` to spend at least, `warm`.
Answer: `wall_ms` and `cpu_ms` of one picture in the mean, `sizes` of the files of the first, and
`length` of all files.
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import psutil
from PIL import Image

from likeness.imaging.plan import Limits, Plan, WorkingPlan, plan, plan_working_copy
from likeness.imaging.pool.spawner import Spawner
from likeness.imaging.probe import parse
from likeness.imaging.sandbox import Mode
from likeness.imaging.worker.process import prepare_libvips
from likeness.imaging.worker.render import render
from likeness.model import Rendition
from peers import libvips_naive, libvips_pyramid, pillow_naive, pillow_pyramid

LETTERBOX_RGB: Final = (0, 0, 0)
DEADLINE_S: Final = 600.0
LIMITS: Final = Limits()
PREPARED_LIMITS: Final = Limits(side_px_max=4096, length_max=32 * 2**20)
"""What users.preparePhoto accepts by default; larger pictures than LIMITS allows go this way."""

_Way = Callable[[bytes], list[bytes]]
_Render = Callable[[bytes, Plan | WorkingPlan], tuple[Rendition, ...]]


def main() -> None:
    """Answer requests until there are none."""
    name, jpeg_quality, png_compression = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    prepare_libvips()
    Image.preinit()
    way = _ways(jpeg_quality, png_compression)[name]()
    for line in sys.stdin:
        print(json.dumps(_answer(way, json.loads(line))), flush=True)


def _ways(jpeg_quality: int, png_compression: int) -> dict[str, Callable[[], _Way]]:
    """What makes each way; a worker is started only for who asks for it."""

    def peer(module: Any) -> Callable[[], _Way]:
        return lambda: lambda data: module.render(data, jpeg_quality, png_compression)

    return {
        "likeness": lambda: _developer(_in_process),
        "worker": lambda: _developer(_in_worker()),
        "libvips": peer(libvips_naive),
        "libvips_pyramid": peer(libvips_pyramid),
        "pillow": peer(pillow_naive),
        "pillow_pyramid": peer(pillow_pyramid),
    }


def _developer(make: _Render) -> _Way:
    """Parse, strip, plan and render, by two steps where the picture is too large for one."""

    def develop(data: bytes) -> list[bytes]:
        found, limits, rgb = parse(data), LIMITS, LETTERBOX_RGB
        seen = found.probe
        is_own = max(seen.width, seen.height) > limits.side_px_max
        if is_own:
            limits = PREPARED_LIMITS
            staged = plan_working_copy(seen, limits, letterbox_rgb=rgb)
            [working] = make(found.stripped(), staged)
            found = parse(working.data)
        todo = plan(found.probe, None, limits, letterbox_rgb=rgb, is_own=is_own)
        clean = found.stripped()
        return [made.data for made in todo.complete(make(clean, todo), clean)]

    return develop


def _in_process(data: bytes, todo: Plan | WorkingPlan) -> tuple[Rendition, ...]:
    return render(data, todo).files


def _in_worker() -> _Render:
    """The sandboxed worker, on the core that this process is on."""
    handle = Spawner(Mode.REQUIRE).worker(min(os.sched_getaffinity(0)))

    return lambda data, todo: handle.develop(data, todo, time.monotonic() + DEADLINE_S).files


def _answer(way: _Way, request: dict[str, Any]) -> dict[str, Any]:
    """Whole passes over all uploads, so that each counts as often as the others."""
    uploads = [Path(path).read_bytes() for path in request["paths"]]
    if request["warm"]:
        way(uploads[0])
    passes, cpu_before, start = 0, _cpu_s(), time.monotonic()
    while passes == 0 or time.monotonic() < start + request["seconds"]:
        made = [way(upload) for upload in uploads]
        passes += 1
    count = passes * len(uploads)
    wall_s, cpu_s = time.monotonic() - start, _cpu_s() - cpu_before
    return {
        "wall_ms": 1000 * wall_s / count,
        "cpu_ms": 1000 * cpu_s / count,
        "sizes": [Image.open(io.BytesIO(data)).size for data in made[0]],
        "length": sum(len(data) for files in made for data in files),
    }


def _cpu_s() -> float:
    """What this process and those below it used so far, in nanoseconds' steps rather than ticks."""
    children = psutil.Process().children(recursive=True)
    return time.process_time() + sum(_clock_s(child.pid) for child in children)


def _clock_s(pid: int) -> float:
    # The number of a process's CPU clock, as clock_getcpuclockid(3) makes it on Linux.
    return time.clock_gettime((~pid << 3) | 2)


if __name__ == "__main__":
    main()
