"""The picture worker: a process of its own that decodes strangers' pictures, one at a time.

Forked by `zygote.py` with its stream as the only descriptor: no environment, no files, nothing of
ours but imaging. It ends when its stream does, or when its zygote is killed.
"""

import math
import os
import resource
import socket
import time
from base64 import b64decode
from collections.abc import Sequence
from typing import Any, Final

import pyvips
from PIL import Image

from likeness.errors import BadImage
from likeness.imaging import wire
from likeness.imaging.drawings import DRAWING_NAME, DrawingPlan
from likeness.imaging.formats import Probe
from likeness.imaging.plan import WorkingPlan
from likeness.imaging.portraits.drawn import draw, is_as_asked
from likeness.imaging.portraits.typefaces import load_all
from likeness.imaging.sandbox import Mode, lock_worker, name_process
from likeness.imaging.views import AnyPlan, MatchPlan
from likeness.imaging.worker.coded import coded_picture
from likeness.imaging.worker.decode import LOADERS
from likeness.imaging.worker.matching import shows_whole
from likeness.imaging.worker.render import damage_refused, prepare, render
from likeness.model import Format, Rendition

NAME: Final = "picture-worker"

JOB_LENGTH_MAX: Final = 512 * 2**20
"""Uploads are far smaller; which bytes are accepted is the parent's to say."""

CPU_MARGIN_S: Final = 2
"""Beyond the time on the clock, so that the parent's deadline comes first unless it is stuck."""

_LOADERS_BLOCKED: Final = "VipsForeignLoad"
_LOADERS_OPEN: Final = (
    "VipsForeignLoadJpeg",
    "VipsForeignLoadPng",
    "VipsForeignLoadNsgif",
    "VipsForeignLoadWebp",
)
_SAMPLES: Final = {
    Format.HEIC: "AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWljAAABe21ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAA"
    "AAAAAAAAAAAAAAAAAADnBpdG0AAAAAAAEAAAAeaWxvYwAAAABEAAABAAEAAAABAAABmwAAACIAAAAjaWluZgAAAAAA"
    "AQAAABVpbmZlAgAAAAABAABodmMxAAAAAP9pcHJwAAAA2mlwY28AAAB1aHZjQwEDcAAAAAAAAAAAAB7wAPz9+PgAAA"
    "8DYAABABhAAQwB//8DcAAAAwCQAAADAAADAB66AkBhAAEAKUIBAQNwAAADAJAAAAMAAAMAHqAggQWW6q6a5uAhoMCA"
    "AAAMgAAAAwCEYgABAAZEAcFzwYkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAOcGl4aQ"
    "AAAAABCAAAAChjbGFwAAAACAAAAAEAAAAIAAAAAf///8gAAAAC////yAAAAAIAAAAdaXBtYQAAAAEAAAABAAEFgAEA"
    "AgADAASABQAAACptZGF0AAAAHigBrwQSEkzg+AROY/7pVFUBIKzotHShyJcQk7tqwA==",
    Format.AVIF: "AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAOptZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaW"
    "N0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAAQ4AAAAgAAAAI2lpbmYA"
    "AAAAAAEAAAAVaW5mZQIAAAAAAQAAYXYwMQAAAABuaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAACAAAAAgAAAAQcG"
    "l4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABtpcG1hAAAAAQAAAAEAAQQAAQACgAMA"
    "BAAAAChtZGF0EgAKCBgIv2iAhoNCMhIex4eFWd///+LAAACQNY48fq0=",
}
"""Pictures of 8 pixels a side in formats that are only read, in base64."""

_SAVERS: Final = {
    Format.JPEG: "jpegsave_buffer",
    Format.PNG: "pngsave_buffer",
    Format.GIF: "gifsave_buffer",
    Format.WEBP: "webpsave_buffer",
}
_WARMED: Final = (
    *("copy", "cast", "crop", "embed", "flatten", "resize", "reduce", "shrink", "colourspace"),
    *("icc_transform", "premultiply", "unpremultiply", "addalpha", "arrayjoin", "rot", "flip"),
    *("smartcrop", "thumbnail_image", "subtract", "abs", "avg", "max", "hist_find"),
)
_SIDE_PX: Final = 8

_FOREIGN: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    b"P6 1 1 255\nabc",
    b"II*\0\x08\0\0\0\0\0\0\0",
    b"1,2\n3,4\n",
)
"""A drawing, a PPM, a TIFF and a table: none may even be looked at."""


class LoadersError(Exception):
    """The list of loaders is wrong; this worker must not see a picture."""


def prepare_libraries() -> list[str]:
    """Import and configure all that pictures need, without running any operation.

    The first operation starts threads, and a process with threads cannot be forked safely. Gives
    warnings for an administrator, a sentence each.
    """
    prepare_libvips()
    # No file can be opened behind the walls.
    complaints = load_all()
    # Pillow imports its encoders with the first picture, unless it is told to do it now.
    Image.preinit()
    # How large a picture may be is the plan's to say.
    Image.MAX_IMAGE_PIXELS = None
    for name in (*LOADERS.values(), *_SAVERS.values(), *_WARMED):
        pyvips.Introspect.get(name)
    return complaints


def prepare_libvips() -> None:
    """Close every loader, then open four: libvips must not even sniff at other formats."""
    pyvips.block_untrusted_set(True)  # noqa: FBT003 - the argument of a C function
    pyvips.operation_block_set(_LOADERS_BLOCKED, True)  # noqa: FBT003 - see above
    for loader in _LOADERS_OPEN:
        pyvips.operation_block_set(loader, False)  # noqa: FBT003 - see above
    # No picture may linger after its job, and no two jobs share anything.
    pyvips.cache_set_max(0)


def work(stream: socket.socket, zygote: int, mode: Mode) -> None:
    """Lock this process, say so, and serve pictures until the stream is closed."""
    name_process(NAME)
    layers = lock_worker(mode)
    if os.getppid() != zygote:
        # It died before this process had said that it wants to follow.
        return
    wire.send(stream, {"ready": pyvips.version(0), "layers": layers}, [])
    try:
        while True:
            head, [data] = wire.receive(stream, JOB_LENGTH_MAX)
            limit_cpu(head["allowed_s"])
            answer(stream, head, data)
    except wire.GoneError:
        return


def rehearse(mode: Mode) -> None:
    """Lock this process as a worker is, and try the loaders. Raises LoadersError."""
    lock_worker(mode)
    check_loaders()


def check_loaders() -> None:
    """Try each format that must be read and some that must not. Raises LoadersError.

    A misspelt name in the list of loaders would otherwise fail silently, in either direction.
    """
    square = pyvips.Image.black(_SIDE_PX, _SIDE_PX, bands=3).copy(interpretation="srgb")
    for form, loader in LOADERS.items():
        data = pyvips.Operation.call(_SAVERS[form], square)
        if pyvips.Operation.call(loader, data).width != _SIDE_PX:
            raise LoadersError(f"{form} is not read")
    for form, sample in _SAMPLES.items():
        coded_picture(b64decode(sample), Probe(form, _SIDE_PX, _SIDE_PX))
    for data in _FOREIGN:
        try:
            pyvips.Image.new_from_buffer(data, "")
        except pyvips.Error:
            continue
        raise LoadersError(f"{data[:5]!r} is read")


def limit_cpu(allowed_s: float) -> None:
    """End this process, unless the next picture comes before, once it has computed for so long."""
    soft_s = math.ceil(time.process_time() + allowed_s) + CPU_MARGIN_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft_s, resource.RLIM_INFINITY))


def answer(stream: socket.socket, head: dict[str, Any], data: bytes) -> None:
    """Send the files of a plan and a picture, or why there are none."""
    try:
        files, told = _made(data, wire.job_plan(head))
    except BadImage as refusal:
        wire.send(stream, {"refusal": refusal.message}, [])
        return
    wire.send(stream, told, [file.data for file in files])


def _made(data: bytes, plan: AnyPlan) -> tuple[Sequence[Rendition], dict[str, Any]]:
    """The files of a plan, and the facts about them."""
    if isinstance(plan, DrawingPlan):
        drawing = draw(plan.style, plan.digest, plan.side, plan.letters, plan.format)
        is_whole = is_as_asked(plan.style, plan.letters)
        return [Rendition(DRAWING_NAME, plan.format, drawing)], {"is_whole": is_whole}
    if isinstance(plan, MatchPlan):
        with damage_refused():
            return [], {"is_whole": shows_whole(data, plan)}
    made = prepare(data, plan) if isinstance(plan, WorkingPlan) else render(data, plan)
    told = {"is_opaque": made.is_opaque, "focus": made.focus, "notes": made.notes}
    return made.files, told
