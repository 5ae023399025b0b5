"""Sandboxes the processes that decode untrusted pictures, before they see the first one.

Two steps: the zygote gives up files, network, privileges, signals and all system calls but those
that forking needs, and every worker that it forks then gives up those as well. What a kernel cannot
do is left out and named; `require` refuses to go on without the layer that matters most.
"""

import errno
import os
import resource
import signal
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Final

from likeness.imaging.sandbox import landlock, policies, seccomp
from likeness.imaging.sandbox.linux import (
    IS_LINUX,
    PR_SET_DUMPABLE,
    PR_SET_MDWE,
    PR_SET_NAME,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    prctl,
)

ADDRESS_SPACE_MAX: Final = 2048 * 2**20
"""Addresses, not memory: of the largest pictures that are accepted a lossless WebP takes 1 500 MiB
and 430 of memory, a progressive JPEG of 108 megapixels 1 200 and 730. See docs/pictures.md."""

OPEN_FILES_MAX: Final = 16
"""The socket, two times nothing, and what a library may dup."""

THREADS_MAX: Final = 4096
"""Linux counts those of all processes of one user, of which the service has a few hundred and a
desktop some thousand; a machine has numbers for 32 768 at least."""

_NOBODY: Final = 65534
_OOM_SCORE: Final = 900
"""Of 1000: when memory runs out, decoders go first."""

_REFUSE_EXEC_GAIN: Final = 1


class Layer(StrEnum):
    """One wall of the sandbox."""

    LANDLOCK = "landlock"
    SECCOMP = "seccomp"
    NO_NEW_PRIVS = "no_new_privs"
    NOBODY = "nobody"
    NO_EXEC_MEMORY = "no_exec_memory"
    LIMITS = "limits"


class Mode(StrEnum):
    """How much of a sandbox there must be: all that matters, what there is, or none."""

    REQUIRE = "require"
    AUTO = "auto"
    OFF = "off"


def lock_zygote(mode: Mode) -> tuple[Layer, ...]:
    """Give up everything that neither forking nor decoding needs; the layers that were reached."""
    die_with_parent()
    if mode is Mode.OFF:
        return ()
    _go_first_when_memory_is_short()
    steps: dict[Layer, Callable[[], None]] = {
        Layer.NOBODY: _become_nobody,
        Layer.NO_NEW_PRIVS: lambda: prctl(PR_SET_NO_NEW_PRIVS, 1),
        Layer.NO_EXEC_MEMORY: lambda: prctl(PR_SET_MDWE, _REFUSE_EXEC_GAIN),
        Layer.LANDLOCK: landlock.deny_all,
        Layer.SECCOMP: lambda: _filter(policies.zygote()),
    }
    reached = tuple(layer for layer, step in steps.items() if IS_LINUX and _done(step))
    # A change of identity makes Linux forget who was to be followed.
    die_with_parent()
    return reached


def lock_worker(mode: Mode) -> tuple[Layer, ...]:
    """Give up, in a process just forked, what only forking needed; the layers that were reached."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit()
    if mode is Mode.OFF:
        return (Layer.LIMITS,)
    is_filtered = _done(lambda: _filter(policies.worker(os.getpid())))
    return (Layer.LIMITS, Layer.SECCOMP) if is_filtered else (Layer.LIMITS,)


def walls(of_zygote: Iterable[Layer], of_worker: Iterable[Layer]) -> tuple[Layer, ...]:
    """The layers around a worker; seccomp is one where both have their filter."""
    has_both = Layer.SECCOMP in of_zygote and Layer.SECCOMP in of_worker
    found = {*of_zygote, *of_worker} - ({Layer.SECCOMP} if not has_both else set())
    return tuple(layer for layer in Layer if layer in found)


def die_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """Have Linux end this process, by that signal, with the thread that started it."""
    if IS_LINUX:
        prctl(PR_SET_PDEATHSIG, how)


def name_process(name: str) -> None:
    """Set the process name that `ps` shows, at most 15 characters."""
    if IS_LINUX:
        prctl(PR_SET_NAME, name.encode())


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES_MAX, OPEN_FILES_MAX))
    if IS_LINUX:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_MAX, ADDRESS_SPACE_MAX))
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
        resource.setrlimit(resource.RLIMIT_MSGQUEUE, (0, 0))
        _lower(resource.RLIMIT_NPROC, THREADS_MAX)


def _lower(limit: int, most: int) -> None:
    """Allow no more than `most`, and no more than before."""
    _, before = resource.getrlimit(limit)
    lowered = most if before == resource.RLIM_INFINITY else min(most, before)
    resource.setrlimit(limit, (lowered, lowered))


def _filter(policy: seccomp.Policy) -> None:
    """Install a policy. Raises OSError where there is no seccomp."""
    if not seccomp.is_available():
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    seccomp.install(policy)


def _become_nobody() -> None:
    """Drop root. Nothing to do for an ordinary user."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    prctl(PR_SET_DUMPABLE, 0)


def _go_first_when_memory_is_short() -> None:
    if IS_LINUX:
        _done(lambda: _write(Path("/proc/self/oom_score_adj"), str(_OOM_SCORE)))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="ascii")


def _done(step: Callable[[], None]) -> bool:
    """Whether a step succeeded; a kernel without it, or a container that forbids it, says no."""
    try:
        step()
    except OSError:
        return False
    return True
