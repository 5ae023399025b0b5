"""The worker process by itself: what it serves and refuses, what it is given, how it ends."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from likeness.imaging import wire
from likeness.imaging.pool.handle import WorkerHandle
from likeness.imaging.pool.spawner import Spawner
from likeness.imaging.sandbox import Mode
from likeness.imaging.worker.process import answer
from support.developing import planned
from support.patience import PATIENCE_S
from support.pictures import encode, jpeg, photo
from support.processes import survivors


@contextmanager
def working() -> Iterator[WorkerHandle]:
    """A worker, ended afterwards."""
    spawner = Spawner(Mode.AUTO)
    handle = spawner.worker()
    try:
        yield handle
    finally:
        handle.close()
        spawner.close()


def test_one_job_is_answered_with_its_files() -> None:
    """In the order of the plan."""
    data = jpeg(64, 64)
    made = planned(data)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        answer(theirs, wire.job_head(made, PATIENCE_S), data)

        head, files = wire.receive(ours, 10**6)
    assert "refusal" not in head
    assert len(made.outputs) == len(files)


def test_a_refusal_is_answered_with_its_sentence() -> None:
    """And no file."""
    data = encode(photo(64, 64), "PNG")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        answer(theirs, wire.job_head(planned(data), PATIENCE_S), data[:300])

        head, files = wire.receive(ours, 10**6)
    assert "damaged" in head["refusal"]
    assert files == []


FORMATS = """
import sys
import pyvips
from likeness.imaging.worker.process import prepare_libvips
prepare_libvips()
try:
    pyvips.Image.new_from_buffer(sys.stdin.buffer.read(), "")
except pyvips.Error:
    print("refused")
else:
    print("accepted")
"""

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>'


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (encode(photo(9, 9), "JPEG"), "accepted"),
        (encode(photo(9, 9), "PNG"), "accepted"),
        (encode(photo(9, 9), "GIF"), "accepted"),
        (encode(photo(9, 9), "WEBP"), "accepted"),
        (encode(photo(9, 9), "TIFF"), "refused"),
        (encode(photo(9, 9), "AVIF"), "refused"),
        (encode(photo(9, 9), "PPM"), "refused"),
        (SVG, "refused"),
        (b"1,2,3\n4,5,6\n", "refused"),
    ],
    ids=["jpeg", "png", "gif", "webp", "tiff", "avif", "ppm", "svg", "csv"],
)
def test_libvips_opens_four_formats_and_no_other(data: bytes, expected: str) -> None:
    """Tried one by one, since a misspelt name in the list of loaders would fail silently."""
    done = subprocess.run(
        [sys.executable, "-c", FORMATS], input=data, capture_output=True, check=True
    )

    assert expected == done.stdout.decode().strip()


def test_a_worker_inherits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the environment with its secrets, nor descriptors, nor a place of its own."""
    monkeypatch.setenv("LIKENESS_SECRET_KEY", "hush")
    with Path(__file__).open(), working() as worker:
        process = psutil.Process(worker.pid)
        names = set(process.environ())
        held = {str(link.readlink()) for link in Path(f"/proc/{worker.pid}/fd").iterdir()}

        assert {name.split("_")[0] for name in names} <= {"LANG", "LC", "VIPS", "MALLOC"}
        assert {name.split(":")[0] for name in held} == {"socket", "/dev/null"}
        assert process.cwd() == "/"


def test_a_worker_loads_nothing_of_ours_but_pictures() -> None:
    """There is nothing in it to steal, and little to go wrong."""
    code = "import sys, likeness.imaging.worker.zygote; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, check=True, text=True
    )

    ours = {name for name in done.stdout.split() if name.startswith("likeness.")}
    words = {"email_address", "errors", "model"}
    assert {name.split(".")[1] for name in ours} == {"imaging", *words}
    assert not {"starlette", "sqlalchemy", "pydantic", "asyncio"} & set(done.stdout.split())


def test_a_worker_ends_when_its_stream_is_closed() -> None:
    """By itself and in peace."""
    with working() as worker:
        process = psutil.Process(worker.pid)
        worker.stream.close()

        assert survivors([process]) == []
        assert worker.keeper.end(worker.pid) == 0


@pytest.mark.parametrize("loader", ["jpegload_buffer", "webpload_buffer"])
def test_a_worker_whose_loaders_are_wrong_serves_nobody(loader: str) -> None:
    """The list is tried before the first picture; here by closing one that must be open."""
    code = (
        "import pyvips; from likeness.imaging.worker import process; process.prepare_libvips()\n"
        f"pyvips.operation_block_set('VipsForeignLoad{loader[:4].title()}', True)\n"
        "process.check_loaders()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "blocked" in done.stderr or "is not read" in done.stderr


def test_a_worker_that_finds_a_loader_too_many_serves_nobody() -> None:
    """As after an upgrade that brings a new one outside of the class."""
    code = (
        "import pyvips; from likeness.imaging.worker import process; process.prepare_libvips()\n"
        "pyvips.operation_block_set('VipsForeignLoadPpm', False)\n"
        "pyvips.block_untrusted_set(False)\n"
        "pyvips.operation_block_set('VipsForeignLoadTiff', False)\n"
        "pyvips.operation_block_set('VipsForeignLoadSvg', False)\n"
        "process.check_loaders()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "is read" in done.stderr
