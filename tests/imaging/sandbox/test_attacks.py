"""What a worker or a zygote that was taken over may try: each attempt fails, or ends it.

Every attack is code that runs in a process locked as ours are: in the zygote itself, or in a worker
that was forked from it.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from likeness.imaging.sandbox import THREADS_MAX, Layer, Mode, landlock, seccomp
from support.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(
    not (seccomp.is_available() and landlock.version()), reason="this kernel has no sandbox"
)

_LOCKED: Final = """
import ctypes, errno, mmap, os, resource, signal, socket, sys, threading
from likeness.imaging.sandbox import Mode, lock_worker, lock_zygote
libc = ctypes.CDLL(None, use_errno=True)
zygote, stranger = os.getpid(), int(sys.argv[1])
if {is_in_worker}:
    lock_zygote(Mode.AUTO)
child = os.fork()
if child:
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(signal.Signals(-status).name if status < 0 else status)
    sys.exit()
def raw(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "denied")
lock_worker(Mode.AUTO) if {is_in_worker} else lock_zygote(Mode.AUTO)
try:
    {attack}
except OSError as error:
    os.write(1, errno.errorcode[error.errno].encode() + b"\\n")
except (ValueError, MemoryError, RuntimeError) as error:
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


DENIED_TO_ZYGOTE: Final = {
    name: DENIED[name]
    for name in DENIED
    if not name.startswith(("raise", "signal its", "fork", "clone a"))
} | {
    "end every process": "os.kill(-1, signal.SIGKILL)",
    "end its process group": "os.kill(0, signal.SIGKILL)",
    "end a stranger": "os.kill(stranger, signal.SIGKILL)",
    "stop a worker": "os.kill(os.getpid(), signal.SIGSTOP)",
    "limit a stranger": "resource.prlimit(stranger, resource.RLIMIT_CPU, (1, 1))",
    "fork into a namespace of users": "raw(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)",
    "fork a child of its parent": "raw(56, 0x8000 | signal.SIGCHLD, 0, 0, 0, 0)",
}
"""A zygote forks and ends what it forked; its limits are those of the service."""

KILLED_TO_ZYGOTE: Final = KILLED | {
    "send descriptors": "raw(46, 0, 0, 0)",
    "listen": "raw(50, 0, 1)",
    "make pipes": "os.pipe()",
    "leave its session": "os.setsid()",
}

ALLOWED_TO_ZYGOTE: Final = {
    "fork, and see the child end": "os.waitpid(os.fork() or os._exit(0), 0)",
    "end a child": """child = os.fork()
    if child == 0:
        __import__('time').sleep(60)
    os.kill(child, signal.SIGKILL); os.waitpid(child, 0)""",
    "wait for a message": "__import__('select').select([], [], [], 0.001)",
    "lower a limit": "resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))",
    "close what is open": "os.closerange(3, 9)",
}


def outcome(attack: str, *, is_in_worker: bool = True) -> str:
    """What came of it: an error's name, SUCCESS, or the signal that ended the process."""
    code = _LOCKED.replace("{is_in_worker}", str(is_in_worker)).replace("{attack}", attack)
    run = subprocess.run(
        [sys.executable, "-c", code, str(os.getpid())],
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


@pytest.mark.parametrize("name", DENIED_TO_ZYGOTE)
def test_an_attack_by_the_zygote_is_denied(name: str) -> None:
    """It is as far from files and networks as its workers are."""
    found = outcome(DENIED_TO_ZYGOTE[name], is_in_worker=False)

    assert found in {"EPERM", "EACCES", "ValueError"}


@pytest.mark.parametrize("name", KILLED_TO_ZYGOTE)
def test_an_attack_by_the_zygote_is_the_end(name: str) -> None:
    """Another zygote takes its place."""
    assert outcome(KILLED_TO_ZYGOTE[name], is_in_worker=False) == signal.SIGSYS.name


@pytest.mark.parametrize("name", ALLOWED_TO_ZYGOTE)
def test_what_forking_needs_is_allowed(name: str) -> None:
    """Else no worker would ever be made."""
    assert outcome(ALLOWED_TO_ZYGOTE[name], is_in_worker=False) == "SUCCESS"


@pytest.mark.parametrize("name", ALLOWED)
def test_what_decoding_needs_is_allowed(name: str) -> None:
    """Else all of the above would fail for any reason."""
    assert outcome(ALLOWED[name]) == "SUCCESS"


def test_memory_is_bounded() -> None:
    """More than the limit is refused by the kernel."""
    assert outcome("bytearray(2 * 2**30)") == "MemoryError"


def test_threads_are_bounded() -> None:
    """Those with small stacks as well, of which memory would hold ten times as many."""
    attack = f"""threading.stack_size(65536)
    for _ in range({THREADS_MAX}):
        threading.Thread(target=threading.Event().wait, daemon=True).start()"""

    assert outcome(attack) == "RuntimeError"


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
    assert run.stdout.split().count(Layer.SECCOMP) == 2
