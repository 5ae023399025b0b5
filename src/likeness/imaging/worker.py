"""The picture worker: a process of its own that decodes strangers' pictures, one at a time.

Started by `handle.py` as `python -I -B -m likeness.imaging.worker` with its socket as standard
input and nothing else: no environment, no other descriptor, nothing of ours but imaging. It ends
when its socket does, or when its parent is killed.
"""

import ctypes
import resource
import signal
import socket
import sys
from typing import Final

import pyvips
from PIL import Image

from likeness.errors import BadImage
from likeness.imaging import wire
from likeness.imaging.render import render

JOB_LENGTH_MAX: Final = 512 * 2**20
"""Uploads are far smaller; which bytes are accepted is the parent's to say."""

ADDRESS_SPACE_MAX: Final = 1536 * 2**20
"""A 50 megapixel picture with alpha takes 200 MB, 100 frames of 1024 pixels half of that."""

_LOADERS_BLOCKED: Final = "VipsForeignLoad"
_LOADERS_OPEN: Final = (
    "VipsForeignLoadJpeg",
    "VipsForeignLoadPng",
    "VipsForeignLoadNsgif",
    "VipsForeignLoadWebp",
)
_PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    """Serve pictures on standard input, a stream socket, until it is closed."""
    prepare_process()
    prepare_libvips()
    # Pillow imports its encoders with the first picture, unless it is told to do it now.
    Image.preinit()
    with socket.socket(fileno=sys.stdin.fileno()) as stream:
        wire.send(stream, {"ready": pyvips.version(0)}, [])
        try:
            while True:
                serve_one(stream)
        except wire.GoneError:
            return


def prepare_process() -> None:
    """Give up what no picture needs. A sandbox has its place here, before the first job."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_MAX, ADDRESS_SPACE_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # An interrupt at the terminal is for the service, which then closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def prepare_libvips() -> None:
    """Close every loader, then open four: libvips must not even sniff at other formats."""
    pyvips.block_untrusted_set(True)  # noqa: FBT003 - the argument of a C function
    pyvips.operation_block_set(_LOADERS_BLOCKED, True)  # noqa: FBT003 - see above
    for loader in _LOADERS_OPEN:
        pyvips.operation_block_set(loader, False)  # noqa: FBT003 - see above
    # No picture may linger after its job, and no two jobs share anything.
    pyvips.cache_set_max(0)


def serve_one(stream: socket.socket) -> None:
    """Receive a plan and a picture, answer with its files or with why there are none."""
    head, [data] = wire.receive(stream, JOB_LENGTH_MAX)
    try:
        renditions = render(data, wire.job_plan(head))
    except BadImage as refusal:
        wire.send(stream, {"refusal": refusal.message}, [])
        return
    wire.send(stream, {}, [rendition.data for rendition in renditions])


if __name__ == "__main__":
    main()
