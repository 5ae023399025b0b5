"""The protocol between server and picture worker: framed messages over a stream socket.

A message is a length (4 bytes, big-endian), a JSON object of that many bytes, and then raw bytes,
whose lengths the object lists under `lengths`. Both ends bound what they accept, and the parent
believes nothing: it judges every message by the plan that it sent.
"""

import json
import socket
import time
from dataclasses import asdict
from itertools import accumulate
from typing import Any, Final

from likeness.imaging.drawings import DrawingPlan
from likeness.imaging.formats import Probe
from likeness.imaging.formats.colours import Colours, Curve
from likeness.imaging.plan import Plan, WorkingPlan
from likeness.imaging.views import AnyPlan, MatchPlan, ViewPlan
from likeness.model import DefaultStyle, Format, Window

HEAD_LENGTH_MAX: Final = 8192
"""The longest head is a reply's with 15 lengths, below 300 bytes, or a plan's, below 1000."""

CONTROL_LENGTH_MAX: Final = 65536
"""What parent and zygote say to each other are single objects of fewer than 200 bytes, but for the
first, which may name 27 fonts that are not opened by their paths."""

LENGTHS_MAX: Final = 64
"""A photo has at most 1 + 7 + 7 files."""

_PREFIX_LENGTH: Final = 4


class GarbledError(Exception):
    """The other end sent what is no message."""


class GoneError(Exception):
    """The other end closed the connection."""


def send(
    stream: socket.socket, head: dict[str, Any], bodies: list[bytes], deadline: float | None = None
) -> None:
    """Send one message. Raises TimeoutError at `deadline` (monotonic), GoneError when nobody reads.

    The lengths of `bodies` are added to the head.
    """
    text = json.dumps({**head, "lengths": [len(body) for body in bodies]}).encode()
    try:
        stream.settimeout(_left(deadline))
        stream.sendall(b"".join([len(text).to_bytes(_PREFIX_LENGTH, "big"), text, *bodies]))
    except (BrokenPipeError, ConnectionResetError) as error:
        raise GoneError from error


def receive(
    stream: socket.socket, length_max: int, deadline: float | None = None
) -> tuple[dict[str, Any], list[bytes]]:
    """One message: its head and its bodies, which together have at most `length_max` bytes.

    The two ends take turns, so that nothing may follow it.
    Raises GarbledError, GoneError, or TimeoutError at `deadline` (monotonic).
    """
    begun = bytearray()
    _extend(stream, begun, _PREFIX_LENGTH, deadline)
    length = int.from_bytes(begun[:_PREFIX_LENGTH], "big")
    if length > HEAD_LENGTH_MAX:
        raise GarbledError(f"head of {length} bytes")
    start = _PREFIX_LENGTH + length
    _extend(stream, begun, start, deadline)
    head = _object(begun[_PREFIX_LENGTH:start])
    lengths = _lengths(head, length_max)
    bodies = _completed(stream, begun[start:], sum(lengths), deadline)
    ends = list(accumulate(lengths))
    parts = [bodies[end - length : end] for length, end in zip(lengths, ends, strict=True)]
    return head, [bytes(part) for part in parts]


def job_head(plan: AnyPlan, allowed_s: float) -> dict[str, Any]:
    """A plan, and the seconds that there are for it, as the head of a message."""
    return {"kind": type(plan).__name__, "plan": asdict(plan), "allowed_s": allowed_s}


def job_plan(head: dict[str, Any]) -> AnyPlan:
    """The plan in a head that `job_head` made."""
    fields = head["plan"]
    fields["format"] = Format(fields["format"])
    if head["kind"] == DrawingPlan.__name__:
        fields["style"] = DefaultStyle(fields["style"])
        return DrawingPlan(**fields)
    fields["source"] = _probe(fields["source"])
    fields["background"] = tuple(fields["background"]) if fields["background"] else None
    if head["kind"] == MatchPlan.__name__:
        return MatchPlan(**fields | {"square": _probe(fields["square"])})
    if head["kind"] == ViewPlan.__name__:
        return ViewPlan(**fields)
    fields["letterbox_rgb"] = tuple(fields["letterbox_rgb"]) if fields["letterbox_rgb"] else None
    if head["kind"] == WorkingPlan.__name__:
        return WorkingPlan(**fields)
    fields["window"] = Window(**fields["window"])
    fields["sizes"], fields["notes"] = tuple(fields["sizes"]), tuple(fields["notes"])
    return Plan(**fields)


def _probe(fields: dict[str, Any]) -> Probe:
    colours = fields["colours"]
    if colours:
        matrix = tuple(tuple(row) for row in colours["to_srgb"])
        colours = Colours(**{**colours, "curve": Curve(colours["curve"]), "to_srgb": matrix})
    return Probe(**{**fields, "format": Format(fields["format"]), "colours": colours})


def _object(text: bytearray) -> dict[str, Any]:
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GarbledError("head is no JSON") from error
    if not isinstance(head, dict):
        raise GarbledError("head is no object")
    return head


def _lengths(head: dict[str, Any], length_max: int) -> list[int]:
    lengths = head.get("lengths")
    if not isinstance(lengths, list) or len(lengths) > LENGTHS_MAX:
        raise GarbledError("no list of lengths")
    # `type`, since a bool is an int to isinstance.
    if not all(type(length) is int and 0 <= length <= length_max for length in lengths):
        raise GarbledError("a length is no number within bounds")
    if sum(lengths) > length_max:
        raise GarbledError(f"bodies of {sum(lengths)} bytes")
    return lengths


def _extend(stream: socket.socket, begun: bytearray, length: int, deadline: float | None) -> None:
    """Receive until `begun` has `length` bytes or more, of a message whose head is not whole."""
    while len(begun) < length:
        room = bytearray(_PREFIX_LENGTH + HEAD_LENGTH_MAX)
        begun += room[: _received(stream, memoryview(room), deadline)]


def _completed(
    stream: socket.socket, begun: bytearray, length: int, deadline: float | None
) -> memoryview:
    """The `length` bytes that begin with `begun`, of which there may not be more."""
    if len(begun) > length:
        raise GarbledError(f"{len(begun) - length} bytes too many")
    whole = memoryview(bytearray(length))
    filled = len(begun)
    whole[:filled] = begun
    while filled < length:
        filled += _received(stream, whole[filled:], deadline)
    return whole


def _received(stream: socket.socket, room: memoryview, deadline: float | None) -> int:
    """How many bytes came, one at least."""
    stream.settimeout(_left(deadline))
    try:
        count = stream.recv_into(room)
    except ConnectionResetError as error:
        raise GoneError from error
    if count == 0:
        raise GoneError
    return count


def _left(deadline: float | None) -> float | None:
    """The seconds until `deadline`; None waits for ever. Raises TimeoutError when it has passed."""
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
