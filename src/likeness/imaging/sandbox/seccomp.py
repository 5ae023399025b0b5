"""The list of system calls that decoding a picture needs. Whatever else is called ends the process.

Measured: a worker that runs the whole corpus calls nothing but these. What libraries try without
needing it gets an error instead, so that they go on; what only an attack would try kills.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

from likeness.imaging.sandbox.linux import IS_LINUX, MACHINE, PR_SET_NAME, syscall

_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_ERROR: Final = 0x00050000

_LOAD, _JUMP_EQUAL, _JUMP_MASKED, _RETURN = 0x20, 0x15, 0x45, 0x06
"""Classic BPF: load a word, jump if equal, jump if any of these bits is set, return."""

_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
"""Offsets in struct seccomp_data; arguments have 8 bytes each, the low word first."""

_MODE_FILTER: Final = 1
_X32: Final = 0x40000000

_CLONE_THREAD: Final = 0x00010000
_PROT_EXEC: Final = 4
_FIONBIO: Final = 0x5421
_RLIMIT_CPU: Final = 0
_FCNTL_GET_SET_FLAGS: Final = (1, 2, 3, 4)


class Architecture(NamedTuple):
    """One machine: its audit number, the number of seccomp(2), and of each call that we name."""

    audit: int
    seccomp: int
    calls: dict[str, int]


def _numbers(text: str) -> dict[str, int]:
    pairs = (item.split("=") for item in text.split())
    return {name: int(number) for name, number in pairs}


ARCHITECTURES: Final = {
    "x86_64": Architecture(
        0xC000003E,
        317,
        _numbers(
            "read=0 write=1 open=2 close=3 stat=4 fstat=5 lstat=6 poll=7 lseek=8 mmap=9 "
            "mprotect=10 munmap=11 brk=12 rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 "
            "ioctl=16 writev=20 access=21 sched_yield=24 mremap=25 madvise=28 nanosleep=35 "
            "getpid=39 socket=41 connect=42 sendto=44 recvfrom=45 clone=56 fork=57 vfork=58 "
            "exit=60 kill=62 uname=63 fcntl=72 getcwd=79 readlink=89 gettimeofday=96 getrusage=98 "
            "sysinfo=99 getppid=110 sigaltstack=131 prctl=157 gettid=186 futex=202 "
            "sched_getaffinity=204 restart_syscall=219 clock_gettime=228 clock_getres=229 "
            "clock_nanosleep=230 exit_group=231 tgkill=234 openat=257 newfstatat=262 "
            "readlinkat=267 faccessat=269 ppoll=271 set_robust_list=273 prlimit64=302 getcpu=309 "
            "getrandom=318 membarrier=324 statx=332 rseq=334 clone3=435 faccessat2=439"
        ),
    ),
    "aarch64": Architecture(
        0xC00000B7,
        277,
        _numbers(
            "getcwd=17 fcntl=25 ioctl=29 faccessat=48 openat=56 close=57 lseek=62 read=63 "
            "write=64 writev=66 ppoll=73 readlinkat=78 newfstatat=79 fstat=80 exit=93 "
            "exit_group=94 futex=98 set_robust_list=99 nanosleep=101 clock_gettime=113 "
            "clock_getres=114 clock_nanosleep=115 sched_getaffinity=123 sched_yield=124 "
            "restart_syscall=128 kill=129 tgkill=131 sigaltstack=132 rt_sigaction=134 "
            "rt_sigprocmask=135 rt_sigreturn=139 uname=160 getrusage=165 prctl=167 getcpu=168 "
            "gettimeofday=169 getpid=172 getppid=173 gettid=178 sysinfo=179 socket=198 connect=203 "
            "sendto=206 recvfrom=207 brk=214 munmap=215 mremap=216 clone=220 mmap=222 "
            "mprotect=226 madvise=233 prlimit64=261 getrandom=278 membarrier=283 statx=291 "
            "rseq=293 clone3=435 faccessat2=439"
        ),
    ),
}
"""Only x86_64 was run; the numbers of aarch64 are those of its kernel headers."""

_FREELY: Final = (
    *("futex", "recvfrom", "sendto", "poll", "ppoll", "read", "write", "writev", "munmap"),
    *("madvise", "brk", "mremap", "sched_yield", "close", "fstat", "lseek", "getrandom"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday"),
    *("getpid", "getppid", "gettid", "getcpu", "getrusage", "sysinfo", "uname"),
    *("sched_getaffinity", "set_robust_list", "rseq", "membarrier", "exit", "exit_group"),
)
"""Memory, threads, time, and the one descriptor that is open. The busiest stand first."""

_IN_VAIN: Final = (
    *("open", "openat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat"),
    *("faccessat2", "readlink", "readlinkat", "getcwd", "socket", "connect", "kill"),
    *("fork", "vfork"),
)
"""What an ordinary library may try, and do without: it is told that it may not."""


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def is_available() -> bool:
    """Whether there is a list for this machine, and a kernel that takes it."""
    if not IS_LINUX or MACHINE not in ARCHITECTURES:
        return False
    action = ctypes.c_uint32(_KILL)
    try:
        # SECCOMP_GET_ACTION_AVAIL (2) changes nothing and fails where filters are unknown.
        syscall(ARCHITECTURES[MACHINE].seccomp, 2, 0, ctypes.byref(action))
    except OSError:
        return False
    return True


def install() -> None:
    """Bind this process, which has one thread, to the list. Needs no_new_privs. Raises OSError."""
    machine = ARCHITECTURES[MACHINE]
    code = program(machine, os.getpid())
    packed = _Program(len(code) // 8, code)
    syscall(machine.seccomp, _MODE_FILTER, 0, ctypes.byref(packed))


def program(machine: Architecture, process_id: int) -> bytes:
    """The filter as the kernel takes it: 8 bytes for each instruction."""
    rules = [
        _load(_ARCHITECTURE_AT),
        *_unless_equal(machine.audit, [_return(_KILL)]),
        _load(_NUMBER_AT),
        *_if_any_bit(_X32, [_return(_KILL)]),
    ]
    for names, action in ((_FREELY, _ALLOW), (_IN_VAIN, _ERROR | errno.EPERM)):
        for name in names:
            if name in machine.calls:
                rules += _if_equal(machine.calls[name], [_return(action)])
    for name, body in _conditions(process_id).items():
        rules += _if_equal(machine.calls[name], body)
    return b"".join([*rules, _return(_KILL)])


def _conditions(process_id: int) -> dict[str, list[bytes]]:
    """Calls that depend on an argument; each body ends with a return."""
    denied, allowed = _return(_ERROR | errno.EPERM), _return(_ALLOW)
    may_not_execute = [_argument(2), *_if_any_bit(_PROT_EXEC, [denied]), allowed]
    return {
        "mmap": may_not_execute,
        "mprotect": may_not_execute,
        # A thread, but no process. glibc tries clone3 first, whose flags cannot be seen from here.
        "clone": [_argument(0), *_if_any_bit(_CLONE_THREAD, [allowed]), denied],
        "clone3": [_return(_ERROR | errno.ENOSYS)],
        "fcntl": [_argument(1), *_if_one_of(_FCNTL_GET_SET_FLAGS, allowed), denied],
        "ioctl": [_argument(1), *_if_equal(_FIONBIO, [allowed]), _return(_ERROR | errno.ENOTTY)],
        "prctl": [_argument(0), *_if_equal(PR_SET_NAME, [allowed]), denied],
        # The budget of CPU is set anew for each picture. Other limits can be read, which is to
        # say that there are no new ones: both words of the pointer are zero.
        "prlimit64": [
            *(_argument(1), *_if_equal(_RLIMIT_CPU, [allowed])),
            *(_argument(2), *_unless_equal(0, [denied])),
            *(_argument(2, high=True), *_unless_equal(0, [denied])),
            allowed,
        ],
        "tgkill": [_argument(0), *_if_equal(process_id, [allowed]), _return(_KILL)],
    }


def _argument(number: int, *, high: bool = False) -> bytes:
    return _load(_ARGUMENTS_AT + 8 * number + (4 if high else 0))


def _if_one_of(values: Iterable[int], then: bytes) -> list[bytes]:
    return [part for value in values for part in _if_equal(value, [then])]


def _if_equal(value: int, then: list[bytes]) -> list[bytes]:
    return [_instruction(_JUMP_EQUAL, value, skip_if_not=len(then)), *then]


def _unless_equal(value: int, then: list[bytes]) -> list[bytes]:
    return [_instruction(_JUMP_EQUAL, value, skip_if=len(then)), *then]


def _if_any_bit(bits: int, then: list[bytes]) -> list[bytes]:
    return [_instruction(_JUMP_MASKED, bits, skip_if_not=len(then)), *then]


def _load(offset: int) -> bytes:
    return _instruction(_LOAD, offset)


def _return(action: int) -> bytes:
    return _instruction(_RETURN, action)


def _instruction(code: int, value: int, *, skip_if: int = 0, skip_if_not: int = 0) -> bytes:
    """One struct sock_filter."""
    return struct.pack("=HBBI", code, skip_if, skip_if_not, value)
