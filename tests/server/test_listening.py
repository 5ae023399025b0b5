"""Where the service listens."""

import os
import socket
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from likeness.server.listening import CannotListenError, handed_over, open_slots, place_of


def close_all(slots: list[list[socket.socket]]) -> None:
    """Let go of them."""
    for sockets in slots:
        for each in sockets:
            each.close()


@pytest.mark.parametrize(
    ("host", "place"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("[::1]", "[::1]")]
)
def test_a_port_has_a_socket_for_each_process(host: str, place: str) -> None:
    """The same port, and a free one if it is 0."""
    slots = open_slots(host, 0, 3)
    try:
        ports = {each.getsockname()[1] for [each] in slots}
        assert 3 == len(slots)
        assert {f"http://{place}:{port}" for port in ports} == {place_of(each) for [each] in slots}
        assert 1 == len(ports)
    finally:
        close_all(slots)


@pytest.mark.parametrize("processes", [1, 2])
def test_somebody_elses_port_is_not_shared(processes: int) -> None:
    """Linux would let two processes share it without a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListenError, match=rf"127\.0\.0\.1:{port}.*--port"):
            open_slots("127.0.0.1", port, processes)


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_told(host: str) -> None:
    """By name or by number."""
    with pytest.raises(CannotListenError, match=host):
        open_slots(host, 0, 1)


def test_a_path_has_one_socket_for_all(tmp_path: Path) -> None:
    """For all who get to its folder; one that was left behind is replaced."""
    path = tmp_path / "likeness.sock"
    for _ in range(2):
        slots = open_slots(f"unix:{path}", 8080, 2)
        assert slots[0][0] is slots[1][0]
        assert f"unix:{path}" == place_of(slots[0][0])
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        close_all(slots)


def test_a_path_that_is_taken_is_told(tmp_path: Path) -> None:
    """By another service, by a file, or by a folder that is not there."""
    path, file = tmp_path / "likeness.sock", tmp_path / "file"
    file.touch()
    [[listening]] = open_slots(f"unix:{path}", 0, 1)
    with closing(listening):
        listening.listen()
        for taken, reason in (
            (path, "another process"),
            (file, "there is a file"),
            (tmp_path / "no" / "folder", "No such file"),
        ):
            with pytest.raises(CannotListenError, match=reason):
                open_slots(f"unix:{taken}", 0, 1)
    assert file.is_file()


_ACTIVATED = """
import fcntl, os, sys
out_of_the_way = [fcntl.fcntl(int(n), fcntl.F_DUPFD, 100) for n in sys.argv[1:]]
for number, descriptor in enumerate(out_of_the_way):
    os.dup2(descriptor, 3 + number)
os.environ["LISTEN_PID"] = str(os.getpid())
from likeness.server.listening import CannotListenError, handed_over, place_of
try:
    found = handed_over(os.environ)
except CannotListenError as error:
    print(error)
else:
    print(*map(place_of, found), sorted(n for n in os.environ if n.startswith("LISTEN")))
    print(handed_over(os.environ))
"""


def activated(*handed: socket.socket) -> list[str]:
    """What a process says that systemd has started with these sockets."""
    numbers = [each.fileno() for each in handed]
    run = subprocess.run(
        [sys.executable, "-c", _ACTIVATED, *map(str, numbers)],
        env={**os.environ, "LISTEN_FDS": str(len(handed)), "LISTEN_FDNAMES": "a:b"},
        pass_fds=numbers,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.splitlines()


def test_sockets_of_the_service_manager_are_taken_once(tmp_path: Path) -> None:
    """A port and a path; the variables are gone then, so that no child takes them again."""
    [[at_path]] = open_slots(f"unix:{tmp_path / 'a.sock'}", 0, 1)
    at_path.listen()
    with closing(at_path), closing(socket.create_server(("127.0.0.1", 0))) as at_port:
        port = at_port.getsockname()[1]

        told = activated(at_port, at_path)

    assert [f"http://127.0.0.1:{port} unix:{tmp_path / 'a.sock'} []", "[]"] == told


def test_what_is_no_listening_socket_is_told() -> None:
    """Such as one for datagrams."""
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as datagrams:
        assert "no socket that listens" in activated(datagrams)[0]


@pytest.mark.parametrize(
    "variables",
    [{}, {"LISTEN_FDS": "1"}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}, {"LISTEN_FDS": "x"}],
)
def test_sockets_of_another_process_are_left_alone(variables: dict[str, str]) -> None:
    """Those of a parent, for instance, whose variables were inherited."""
    assert [] == handed_over(dict(variables))
