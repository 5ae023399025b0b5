"""Messages between parent and worker: whole, bounded, and never believed."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.imaging import wire
from likeness.imaging.drawings import DrawingPlan
from likeness.imaging.formats import Probe
from likeness.imaging.formats.colours import of_codes
from likeness.imaging.plan import Limits, plan, plan_working_copy
from likeness.imaging.views import AnyPlan, MatchPlan, plan_view
from likeness.model import Crop, DefaultStyle, Format
from support.patience import PATIENCE_S

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two connected sockets."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def message(head: bytes, body: bytes = b"") -> bytes:
    """A message as it travels."""
    return len(head).to_bytes(4, "big") + head + body


def test_a_message_arrives_as_it_was_sent(pair: Pair) -> None:
    """The head, and each body by itself."""
    wire.send(pair[0], {"a": 1}, [b"one", b"", b"three"])

    head, bodies = wire.receive(pair[1], 100)
    assert head == {"a": 1, "lengths": [3, 0, 5]}
    assert bodies == [b"one", b"", b"three"]


def test_a_message_longer_than_any_buffer_arrives(pair: Pair) -> None:
    """Both ends go on where the socket left off."""
    data = bytes(range(256)) * 20_000
    sender = threading.Thread(target=wire.send, args=(pair[0], {}, [data]))
    sender.start()

    assert wire.receive(pair[1], len(data), time.monotonic() + PATIENCE_S)[1] == [data]
    sender.join()


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff\xff\xff\xff",
        message(b"{"),
        message(b"[1]"),
        message(b"{}"),
        message(b'{"lengths": 5}'),
        message(b'{"lengths": [true]}'),
        message(b'{"lengths": [-1]}'),
        message(b'{"lengths": [1.5]}'),
        message(b'{"lengths": [101]}'),
        message(b'{"lengths": [60, 60]}'),
        message(json.dumps({"lengths": [0] * 65}).encode()),
        message(b"[" * 8000),
        message(b'{"lengths": [1]}', b"ab"),
    ],
)
def test_what_is_no_message_is_garbled(pair: Pair, sent: bytes) -> None:
    """Before a byte of a body is read or room made for it."""
    pair[0].sendall(sent)

    with pytest.raises(wire.GarbledError):
        wire.receive(pair[1], 100)


@given(sent=st.binary(max_size=200))
def test_any_bytes_give_a_message_or_a_listed_error(sent: bytes) -> None:
    """Never another exception, never a wait for ever."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(sent)
        ours.shutdown(socket.SHUT_WR)

        try:
            head, _ = wire.receive(theirs, 100)
        except (wire.GarbledError, wire.GoneError):
            return
        assert isinstance(head, dict)


def test_a_closed_end_is_gone(pair: Pair) -> None:
    """In the middle of a message, before one, and for the sender."""
    pair[0].sendall(message(b'{"lengths": [5]}', b"ab"))
    pair[0].close()

    with pytest.raises(wire.GoneError):
        wire.receive(pair[1], 100)
    with pytest.raises(wire.GoneError):
        wire.send(pair[1], {}, [])


def test_silence_ends_at_the_deadline(pair: Pair) -> None:
    """Also when bytes trickle in, and when it has passed already."""
    pair[0].sendall(b"\0")

    with pytest.raises(TimeoutError):
        wire.receive(pair[1], 100, time.monotonic() + 0.05)
    with pytest.raises(TimeoutError):
        wire.receive(pair[1], 100, time.monotonic() - 1)


def test_a_plan_survives_the_journey() -> None:
    """Equal to the last field, types included."""
    probe = Probe(Format.WEBP, 600, 500, frames=3, orientation=6, has_alpha=True)
    limits = Limits(side_px_min=1)
    own = Probe(Format.PNG, 600, 500, colours=of_codes(9, 16, 400))
    plans = [
        plan(probe, Crop(9, 9, 900), limits, letterbox_rgb=(1, 2, 3)),
        plan(own, None, limits, letterbox_rgb=(1, 2, 3), is_own=True),
    ]

    assert plans == [through_json(made) for made in plans]


def test_a_plan_of_a_working_copy_survives_the_journey() -> None:
    """Opaque, so that the colour of the bars travels too."""
    for probe in (Probe(Format.JPEG, 6000, 5000), Probe(Format.PNG, 6000, 5000, has_alpha=True)):
        made = plan_working_copy(probe, Limits(side_px_max=4096), letterbox_rgb=(1, 2, 3))

        assert made == through_json(made)


def test_a_plan_of_a_view_survives_the_journey() -> None:
    """Format and side are what it is about."""
    made = plan_view(Probe(Format.PNG, 72, 72, has_alpha=True), 80, Format.WEBP, matte=(1, 2, 3))

    assert made == through_json(made)


def test_a_plan_of_a_drawing_survives_the_journey() -> None:
    """Letters of any script included."""
    made = DrawingPlan(DefaultStyle.INITIALS, "0f" * 16, 80, "\u674e\U00020bb7", Format.PNG)

    assert made == through_json(made)


def test_a_plan_of_a_comparison_survives_the_journey() -> None:
    """Both pictures, and where the second begins."""
    source = Probe(Format.GIF, 800, 600, frames=3)
    made = MatchPlan(source, Format.GIF, Probe(Format.PNG, 512, 512), 1234, (1, 2, 3))

    assert made == through_json(made)
    assert made.outputs == ()
    assert made.whole.side == 800


def through_json(made: AnyPlan) -> AnyPlan:
    """A plan as the worker gets it."""
    return wire.job_plan(json.loads(json.dumps(wire.job_head(made, 8.0))))
