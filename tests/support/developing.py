"""Uploads developed in the test's own process, without a worker, so that faults show whole."""

from likeness.imaging.plan import Colour, Limits, Plan, as_opaque, plan
from likeness.imaging.probe import parse, probe
from likeness.imaging.worker.render import render
from likeness.model import Crop, Format

LENIENT = Limits(side_px_min=1)
"""Everything that libvips can make, so that pictures of a few pixels can be tried."""

BLACK = (0, 0, 0)


def planned(
    data: bytes,
    crop: Crop | None = None,
    *,
    letterbox_rgb: Colour = BLACK,
    limits: Limits = LENIENT,
    is_own: bool = False,
) -> Plan:
    """The plan that an upload gets."""
    return plan(probe(data), crop, limits, letterbox_rgb=letterbox_rgb, is_own=is_own)


def developed(
    data: bytes,
    crop: Crop | None = None,
    *,
    letterbox_rgb: Colour = BLACK,
    limits: Limits = LENIENT,
    is_own: bool = False,
) -> dict[str, bytes]:
    """The files of an upload by their names, each checked to be what the plan says."""
    made = planned(data, crop, letterbox_rgb=letterbox_rgb, limits=limits, is_own=is_own)
    clean = parse(data).stripped()
    rendered = render(clean, made)
    made = as_opaque(made) if rendered.is_opaque else made
    for out, rendition in zip(made.outputs, rendered.files, strict=True):
        seen = probe(rendition.data)
        assert (out.name, out.format) == (rendition.name, rendition.format)
        assert (out.format, out.width, out.height) == (seen.format, seen.width, seen.height)
        assert out.frames == seen.frames
        assert len(rendition.data) <= out.length_max
    return {each.name: each.data for each in made.complete(rendered.files, clean)}


def segments(data: bytes, form: Format) -> list[bytes]:
    """The kinds of everything in a JPEG or PNG: markers up to the scan, or chunk types."""
    return _markers(data) if form is Format.JPEG else _chunks(data)


def _markers(data: bytes) -> list[bytes]:
    found, at = [], 2
    while data[at + 1] != 0xDA:
        found.append(data[at : at + 2])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return found


def _chunks(data: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(data):
        found.append(data[at + 4 : at + 8])
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return found
