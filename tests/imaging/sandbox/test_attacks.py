"""What a worker that was taken over may try, from inside: each attempt fails, or ends it.

Every attack is code that runs in a process locked as a worker is, after a zygote locked as ours is.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from likeness.imaging.sandbox import Layer, Mode, landlock, seccomp
from support.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(
    not (seccomp.is_available() and landlock.version()), reason="this kernel has no sandbox"
)

_LOCKED: Final = """
import ctypes, errno, mmap, os, resource, signal, socket, sys, threading
from likeness.imaging.sandbox import Mode, lock_worker, lock_zygote
libc = ctypes.CDLL(None, use_errno=True)
zygote, stranger = os.getpid(), int(sys.argv[1])
lock_zygote(Mode.AUTO)
child = os.fork()
if child:
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(signal.Signals(-status).name if status < 0 else status)
    sys.exit()
def raw(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "denied")
lock_worker(Mode.AUTO)
try:
    {attack}
except OSError as error:
    os.write(1, errno.errorcode[error.errno].encode() + b"\\n")
except (ValueError, MemoryError) as error:
    os.write(1, type(error).__name__.encode() + b"\\n")
else:
    os.write(1, b"SUCCESS\\n")
os._exit(0)
"""

DENIED: Final = {
    "read a file": 'open("/etc/hostname")',
    "read memory of others": "open(f'/proc/{zygote}/mem')",
    "write a file": 'open("/tmp/likeness-attack", "w")',
    "list a folder": 'os.open("/", os.O_RDONLY | os.O_DIRECTORY)',
    "look for a file": 'os.stat("/etc/passwd")',
    "open a socket": "socket.socket()",
    "open a Unix socket": "socket.socket(socket.AF_UNIX)",
    "signal its zygote": "os.kill(zygote, signal.SIGTERM)",
    "signal a stranger": "os.kill(stranger, signal.SIGTERM)",
    "fork": "os.fork()",
    "clone a process": "raw(56, signal.SIGCHLD, 0, 0, 0, 0)",
    "clone into namespaces": "raw(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)",
    "map memory that runs": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "map memory that is written and runs": "mmap.mmap(-1, 4096, prot=7)",
    "raise the limit of memory": "resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))",
    "raise the limit of files": "resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))",
    "be traced by others": "raw(157, 4, 1, 0, 0, 0)",
    "give itself a new filter": "raw(157, 22, 2, 0, 0, 0)",
}
"""Told that it may not. Numbers are those of x86_64."""

KILLED: Final = {
    "run a program": 'os.execv("/bin/true", ["true"])',
    "trace its zygote": "raw(101, 16, zygote, 0, 0)",
    "read memory by process_vm_readv": "raw(310, zygote, 0, 0, 0, 0, 0)",
    "open another process": "os.pidfd_open(zygote)",
    "make a namespace": "raw(272, 0x10000000)",
    "mount": "raw(165, 0, 0, 0, 0, 0)",
    "become root": "os.setuid(0)",
    "signal a thread of others": "raw(234, zygote, zygote, signal.SIGTERM)",
    "set up io_uring": "raw(425, 8, 0)",
    "load eBPF": "raw(321, 0, 0, 0)",
    "make a memory file": 'os.memfd_create("x")',
    "change a key": "raw(250, 0, 0, 0, 0, 0)",
    "call by the x32 table": "raw(0x40000000 + 39)",
    "leave for another folder": 'os.chdir("/tmp")',
}
"""No library would try these in earnest."""

ALLOWED: Final = {
    "compute in a thread": "threading.Thread(target=sum, args=([1],)).start()",
    "allocate": "bytearray(10**8)",
    "ask for the time": "__import__('time').sleep(0.001)",
    "ask for randomness": "os.urandom(16)",
    "lower its budget of CPU": "resource.setrlimit(resource.RLIMIT_CPU, (9, -1))",
}


def outcome(attack: str) -> str:
    """What came of it: an error's name, SUCCESS, or the signal that ended the process."""
    run = subprocess.run(
        [sys.executable, "-c", _LOCKED.replace("{attack}", attack), str(os.getpid())],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    words = run.stdout.split()
    return words[0] if words else run.stderr


@pytest.mark.parametrize("name", DENIED)
def test_an_attack_is_denied(name: str) -> None:
    """By an error, after which a decoder that meant no harm could go on."""
    # Python makes a ValueError of the EPERM that raising a limit gets.
    assert outcome(DENIED[name]) in {"EPERM", "EACCES", "ValueError"}
    assert not Path("/tmp/likeness-attack").exists()  # noqa: S108 - It is where an attack would write.


@pytest.mark.parametrize("name", KILLED)
def test_an_attack_is_the_end(name: str) -> None:
    """By the signal that raises an alarm."""
    assert outcome(KILLED[name]) == signal.SIGSYS.name


@pytest.mark.parametrize("name", ALLOWED)
def test_what_decoding_needs_is_allowed(name: str) -> None:
    """Else all of the above would fail for any reason."""
    assert outcome(ALLOWED[name]) == "SUCCESS"


def test_memory_is_bounded() -> None:
    """More than the limit is refused by the kernel."""
    assert outcome("bytearray(2 * 2**30)") == "MemoryError"


def test_the_end_of_the_budget_is_the_end() -> None:
    """One second of computing, then a signal."""
    attack = "resource.setrlimit(resource.RLIMIT_CPU, (1, -1))\n    while True: pass"

    assert outcome(attack) == signal.SIGXCPU.name


def test_all_layers_are_reached_here() -> None:
    """A layer that is silently missing would make this suite blind."""
    code = (
        "from likeness.imaging.sandbox import Mode, lock_worker, lock_zygote;"
        f"print(*lock_zygote(Mode('{Mode.AUTO}')), *lock_worker(Mode.AUTO), flush=True)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(Layer) == set(run.stdout.split())
