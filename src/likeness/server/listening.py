"""Where the service listens: a host and port, a path, or sockets that systemd hands over."""

import os
import socket
import stat
from collections.abc import MutableMapping
from contextlib import closing
from pathlib import Path
from typing import Final

UNIX: Final = "unix:"
"""The prefix of a host that is the path of a socket."""

FIRST_DESCRIPTOR: Final = 3
"""Where systemd puts the first socket (sd_listen_fds)."""

_MODE: Final = 0o666
"""Like a port on loopback, for everybody on this machine, as far as they get to its folder."""


class CannotListenError(Exception):
    """Listening failed. The text has the reason and the remedy."""


def open_slots(host: str, port: int, processes: int) -> list[list[socket.socket]]:
    """Sockets that listen, a list for each of so many server processes.

    Each process has a socket of its own for a port, among which the kernel balances connections;
    the socket at a path is shared. Port 0 is any that is free. Raises CannotListenError.
    """
    if host.startswith(UNIX):
        return [[_at_path(Path(host.removeprefix(UNIX)))]] * processes
    family, kind, _, _, address = _resolved(host, port)
    if port:
        # A second socket with SO_REUSEPORT would be let in without a word beside somebody else's.
        _bound(family, kind, address, is_shared=False).close()
    first = _bound(family, kind, address, is_shared=processes > 1)
    own = first.getsockname()
    others = [_bound(family, kind, own, is_shared=True) for _ in range(1, processes)]
    return [[each] for each in (first, *others)]


def handed_over(environment: MutableMapping[str, str]) -> list[socket.socket]:
    """The sockets that systemd has opened for this process; none where it has not.

    They are handed over once: the variables that say so are taken away. Raises CannotListenError
    for a descriptor that is no listening socket.
    """
    count = environment.pop("LISTEN_FDS", "")
    is_ours = environment.pop("LISTEN_PID", "") == str(os.getpid())
    environment.pop("LISTEN_FDNAMES", None)
    if not is_ours or not count.isdecimal():
        return []
    return [_listening(FIRST_DESCRIPTOR + number) for number in range(int(count))]


def place_of(listening: socket.socket) -> str:
    """Where a socket listens, for people: `http://127.0.0.1:8080`, or `unix:` and a path."""
    name = listening.getsockname()
    if listening.family == socket.AF_UNIX:
        return f"{UNIX}{name}"
    host = f"[{name[0]}]" if listening.family == socket.AF_INET6 else name[0]
    return f"http://{host}:{name[1]}"


def _resolved(host: str, port: int) -> tuple[int, int, int, str, tuple[object, ...]]:
    try:
        return socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise CannotListenError(
            f"cannot listen on {host}: {error.strerror}; give an address of this machine, or "
            f"{UNIX}/PATH"
        ) from error


def _bound(
    family: int, kind: int, address: tuple[object, ...], *, is_shared: bool
) -> socket.socket:
    listening = socket.socket(family, kind)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise CannotListenError(
            f"cannot listen on {address[0]}:{address[1]}: {error.strerror}; "
            "choose another with --port"
        ) from error
    return listening


def _at_path(path: Path) -> socket.socket:
    _make_way(path)
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.bind(str(path))
        path.chmod(_MODE)
    except OSError as error:
        listening.close()
        raise CannotListenError(f"cannot listen on {UNIX}{path}: {error.strerror}") from error
    return listening


def _make_way(path: Path) -> None:
    """Remove a socket that was left behind. Raises CannotListenError for anything else there."""
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise CannotListenError(f"cannot listen on {UNIX}{path}: there is a file in its place")
    with closing(socket.socket(socket.AF_UNIX)) as caller:
        try:
            caller.connect(str(path))
        except OSError:
            path.unlink()
            return
    raise CannotListenError(f"cannot listen on {UNIX}{path}: another process listens there")


def _listening(descriptor: int) -> socket.socket:
    try:
        found = socket.socket(fileno=descriptor)
        is_listening = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise CannotListenError(f"descriptor {descriptor} is no socket: {error}") from error
    if not is_listening or found.type != socket.SOCK_STREAM:
        raise CannotListenError(f"descriptor {descriptor} is no socket that listens to streams")
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - The library's signature.
    return found
