"""What the processes that decode strangers' pictures give up before they see the first one.

Two steps: the zygote gives up files, network, privileges and signals once, and every worker that it
forks then gives up all system calls but those that decoding needs. What a kernel cannot do is left
out and named; `require` refuses to go on without the layer that matters most.
"""

import os
import resource
import signal
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

from likeness.imaging.sandbox import landlock, seccomp
from likeness.imaging.sandbox.linux import (
    IS_LINUX,
    PR_SET_DUMPABLE,
    PR_SET_MDWE,
    PR_SET_NAME,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    prctl,
)

ADDRESS_SPACE_MAX: Final = 1536 * 2**20
"""A 50 megapixel picture with alpha takes 200 MB, 100 frames of 1024 pixels half of that."""

OPEN_FILES_MAX: Final = 16
"""The socket, two times nothing, and what a library may dup."""

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
    can_filter = seccomp.is_available() and _done(seccomp.install)
    return (Layer.LIMITS, Layer.SECCOMP) if can_filter else (Layer.LIMITS,)


def die_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """Have Linux end this process, by that signal, with the thread that started it."""
    if IS_LINUX:
        prctl(PR_SET_PDEATHSIG, how)


def name_process(name: str) -> None:
    """What `ps` shows, at most 15 characters."""
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


def _become_nobody() -> None:
    """Leave root behind. Nothing to do for whoever is somebody ordinary."""
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
