"""Which system calls the zygote and its picture workers have. Pure.

Measured: a worker that runs the whole corpus calls nothing but what its policy names. What
libraries try without needing it gets an error, so that they go on; what only an attack would try
ends the process.
"""

import errno
import signal
from typing import Final

from likeness.imaging.sandbox.linux import PR_SET_NAME, PR_SET_PDEATHSIG
from likeness.imaging.sandbox.seccomp import (
    ALLOWED,
    DENIED,
    KILLED,
    Instructions,
    Policy,
    argument,
    if_any_bit,
    if_equal,
    if_one_of,
    refused_with,
    unless_equal,
)

_CLONE_THREAD: Final = 0x00010000
_CLONE_NEVER: Final = 0x7E02E080
"""New namespaces (0x7E020080), tracing (0x2000), vfork (0x4000), another parent (0x8000)."""

_PROT_EXEC: Final = 4
_FIONBIO: Final = 0x5421
_RLIMIT_CPU: Final = 0
_FCNTL_GET_SET_FLAGS: Final = (1, 2, 3, 4)
_NEGATIVE: Final = 0x80000000

_FREELY: Final = (
    *("futex", "recvfrom", "sendto", "poll", "ppoll", "read", "write", "writev", "munmap"),
    *("madvise", "brk", "mremap", "sched_yield", "close", "fstat", "lseek", "getrandom"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday"),
    *("getpid", "getppid", "gettid", "getcpu", "getrusage", "sysinfo", "uname"),
    *("sched_getaffinity", "set_robust_list", "rseq", "membarrier", "exit", "exit_group"),
)
"""Memory, threads, time, and the descriptors that are open."""

_FORKING: Final = (
    *("recvmsg", "select", "pselect6", "wait4", "dup2", "dup3", "close_range"),
    *("getsockname", "getsockopt", "set_tid_address", "seccomp"),
)
"""To be asked for a worker, to fork it, to give it its one descriptor, to see it end. A filter that
a worker installs can only narrow its own."""

_IN_VAIN: Final = (
    *("open", "openat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat"),
    *("faccessat2", "readlink", "readlinkat", "getcwd", "socket", "connect", "fork", "vfork"),
)

_MAY_NOT_EXECUTE: Final = [argument(2), *if_any_bit(_PROT_EXEC, [DENIED]), ALLOWED]

_DEPENDING: Final[dict[str, Instructions]] = {
    "mmap": _MAY_NOT_EXECUTE,
    "mprotect": _MAY_NOT_EXECUTE,
    # glibc tries it before clone; its flags cannot be seen from here.
    "clone3": [refused_with(errno.ENOSYS)],
    "fcntl": [argument(1), *if_one_of(_FCNTL_GET_SET_FLAGS, ALLOWED), DENIED],
    "ioctl": [argument(1), *if_equal(_FIONBIO, [ALLOWED]), refused_with(errno.ENOTTY)],
}


def zygote() -> Policy:
    """The zygote's system calls: to fork workers, and those of workers, which inherit them."""
    return Policy(
        (*_FREELY, *_FORKING),
        _IN_VAIN,
        _DEPENDING
        | {
            "clone": [argument(0), *if_any_bit(_CLONE_NEVER, [DENIED]), ALLOWED],
            # One process, by the signal that ends it. That it is a worker is Landlock's to see to.
            "kill": [
                *(argument(1), *unless_equal(signal.SIGKILL, [DENIED])),
                *(argument(0), *if_equal(0, [DENIED]), *if_any_bit(_NEGATIVE, [DENIED])),
                ALLOWED,
            ],
            # By these a process ends itself when its memory is in disorder.
            "tgkill": [argument(2), *if_one_of((signal.SIGABRT, signal.SIGTRAP), ALLOWED), KILLED],
            "prctl": [argument(0), *if_one_of((PR_SET_NAME, PR_SET_PDEATHSIG), ALLOWED), DENIED],
            # Its own limits, which nobody but root can raise.
            "prlimit64": [argument(0), *unless_equal(0, [DENIED]), ALLOWED],
        },
    )


def worker(process_id: int) -> Policy:
    """A worker's system calls for decoding pictures; the worker has that process id."""
    return Policy(
        _FREELY,
        (*_IN_VAIN, "kill"),
        _DEPENDING
        | {
            # A thread, but no process.
            "clone": [argument(0), *if_any_bit(_CLONE_THREAD, [ALLOWED]), DENIED],
            "tgkill": [argument(0), *if_equal(process_id, [ALLOWED]), KILLED],
            "prctl": [argument(0), *if_equal(PR_SET_NAME, [ALLOWED]), DENIED],
            # The budget of CPU is set anew for each picture. Other limits can be read, which is to
            # say that there are no new ones: both words of the pointer are zero.
            "prlimit64": [
                *(argument(1), *if_equal(_RLIMIT_CPU, [ALLOWED])),
                *(argument(2), *unless_equal(0, [DENIED])),
                *(argument(2, high=True), *unless_equal(0, [DENIED])),
                ALLOWED,
            ],
        },
    )
