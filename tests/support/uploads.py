"""An upload or more for each line of the table in docs/pictures.md, and what each of them shows."""

import struct
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pillow_heif
from PIL import Image

from support import blocks
from support.apng import DELAY_MS, KEPT, Shot, apng_of
from support.canvas import Layer, gif_of
from support.coloured import by_nclx, code, with_chunks
from support.heic import heic, heic_grid, said_also
from support.heif_blocks import box, irot
from support.kinds import (
    HEIGHT,
    KINDS,
    WIDTH,
    Made,
    clear,
    coded,
    coloured,
    cut_out,
    plain,
    profile,
    worn,
)
from support.pictures import encode, photo

_FRAMES: Final = 4
SIZE: Final = (WIDTH, HEIGHT)

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}
"""By the orientation of EXIF, how to lay an upright picture down so that it has to be turned."""

_PQ, _HLG = 16, 18
_BT2020: Final = 9
_PNG_END_LENGTH: Final = 12


@dataclass(frozen=True)
class Upload:
    """A file and the frames that people see of it, upright and in sRGB; of HDR, as they are coded.

    `fields` go with it to users.setPhoto; with `is_big` it goes to users.preparePhoto first.
    """

    data: bytes
    frames: tuple[Image.Image, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    is_big: bool = False


Makers = Callable[[], Iterable[Upload]]


def avif(shown: Image.Image, **options: Any) -> bytes:
    """The picture as AVIF, with hardly a loss."""
    return encode(shown, "AVIF", quality=95, subsampling="4:4:4", **options)


def fine(shown: Any, **options: Any) -> bytes:
    """The picture as HEIC, with hardly a loss."""
    return heic(shown, quality=95, chroma=444, **options)


def _stills(*made: Made) -> list[Upload]:
    return [Upload(data, (shown,)) for data, shown in made]


def _kinds(*names: str) -> Callable[[], list[Upload]]:
    return lambda: _stills(*(KINDS[name]() for name in names))


def _damaged(*cut: bytes) -> Makers:
    """Files of the plain picture that are cut off or changed."""
    return lambda: [Upload(data, (plain(),)) for data in cut]


def _refused(*data: bytes) -> Makers:
    return lambda: map(Upload, data)


def _turned(form: str, **options: Any) -> list[Upload]:
    """The plain picture laid down in each way, with EXIF that says so."""
    return [
        Upload(
            encode(
                plain().transpose(turn), form, exif=b"Exif\0\0" + blocks.exif(number), **options
            ),
            (plain(),),
        )
        for number, turn in _TURNS.items()
    ]


def _big() -> list[Upload]:
    shown = photo(750, 1000).resize((3000, 4000))
    lying = shown.transpose(_TURNS[6])
    data = encode(lying, "JPEG", quality=90, exif=b"Exif\0\0" + blocks.exif(6))
    return [Upload(data, (shown,), is_big=True)]


def _opaque_throughout() -> list[Upload]:
    shown = plain()
    return [Upload(encode(shown.convert("RGBA"), "PNG"), (shown,))]


def _clear_colours() -> list[Upload]:
    """One of a palette, a colour and a grey that no other pixel has."""
    made = _kinds("PNG, palette with a clear colour")()
    for mode, colour in (("RGB", (1, 2, 3)), ("L", 1)):
        drawn = plain().convert(mode).point(lambda level: max(level, 4))
        drawn.paste(colour, (10, 10, 40, 30))
        shown = drawn.convert("RGBA")
        shown.paste((0, 0, 0, 0), (10, 10, 40, 30))
        made.append(Upload(encode(drawn, "PNG", transparency=colour), (shown,)))
    return made


def _ramp() -> Image.Image:
    """Every shade of grey, from left to right."""
    return Image.linear_gradient("L").rotate(90).convert("RGB")


def _bright() -> list[Upload]:
    png = encode(_ramp(), "PNG")
    return [Upload(with_chunks(png, code(_BT2020, curve)), (_ramp(),)) for curve in (_PQ, _HLG)]


def _bright_coded() -> list[Upload]:
    files = [fine(_ramp()), avif(_ramp())]
    return [
        Upload(by_nclx(data, _BT2020, curve), (_ramp(),)) for data in files for curve in (_PQ, _HLG)
    ]


def _films(alpha: str = "", *, colours: int = 0) -> tuple[Image.Image, ...]:
    """Frames that differ: opaque, with a hole ("hard"), or fading out ("soft").

    With `colours` each has only so many, as a GIF has.
    """
    frames = [photo(*SIZE, seed) for seed in range(_FRAMES)]
    if colours:
        frames = [frame.quantize(colours).convert("RGB") for frame in frames]
    if alpha:
        mask = {"hard": cut_out, "soft": clear}[alpha]().getchannel("A")
        frames = [frame.convert("RGBA") for frame in frames]
        for frame in frames:
            frame.putalpha(mask)
    return tuple(frames)


def _apng(frames: Iterable[Image.Image], mode: str = "RGBA") -> bytes:
    return apng_of(SIZE, [Shot(frame, fate=KEPT) for frame in frames], mode=mode)


def _webp(frames: tuple[Image.Image, ...], **options: Any) -> bytes:
    moving = {"save_all": True, "append_images": frames[1:], "duration": DELAY_MS, "loop": 0}
    return encode(frames[0], "WEBP", lossless=True, **moving, **options)


def _moving_in_colour() -> list[Upload]:
    space = "Display P3"
    stored = tuple(worn(frame, space) for frame in _films())
    return [Upload(_webp(stored, icc_profile=profile(space)), _films())]


def _gif(frames: Iterable[Image.Image]) -> bytes:
    return gif_of(SIZE, [Layer(frame, 0, 0) for frame in frames])


def _still_gif() -> bytes:
    return encode(plain().quantize(64), "GIF")


def _cut_png(frames: int) -> list[Upload]:
    """A moving PNG that ends within the pixels of the frame behind so many."""
    data = _apng(_films(), "RGB")
    starts = [place for place in range(len(data)) if data.startswith(b"fdAT", place)]
    return [Upload(data[: starts[frames - 1] + 200], _films()[:frames])]


def _moving_gif(alpha: str = "") -> list[Upload]:
    film = _films(alpha, colours=64)
    return [Upload(_gif(film), film)]


def _cut_gif() -> list[Upload]:
    film = _films(colours=64)
    return [Upload(_gif(film)[:-20], film[:-1])]


def _whole_gif(lost: int) -> list[Upload]:
    return [Upload(_still_gif()[:-lost], (plain().quantize(64).convert("RGB"),))]


def _wrong_checksum() -> bytes:
    """A PNG whose pixels have a wrong checksum by PNG, and the right one by zlib."""
    data = encode(plain(), "PNG")
    at = len(data) - _PNG_END_LENGTH - 1
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _coded_well(*shown: Image.Image) -> list[Upload]:
    return [Upload(coder(each), (each,)) for each in shown for coder in (fine, avif)]


def _grid() -> list[Upload]:
    shown = photo(128, 128)
    return [Upload(heic_grid(shown, 64, (120, 101)), (shown.crop((0, 0, 120, 101)),))]


def _ten_bits() -> list[Upload]:
    deep = np.asarray(plain(), np.uint16) * 257
    return [Upload(fine(pillow_heif.from_bytes("RGB;16", SIZE, deep.tobytes())), (plain(),))]


def _turned_boxes() -> list[Upload]:
    lying = plain().transpose(Image.Transpose.ROTATE_270)
    return [Upload(said_also(coder(lying), irot(1)), (plain(),)) for coder in (fine, avif)]


def _sequences() -> list[Upload]:
    first, *others = _films()
    moving = avif(first, save_all=True, append_images=others)
    return [Upload(data, (first,)) for data in (moving, fine(first) + box(b"moov"))]


def _beyond() -> list[Upload]:
    shown = photo(600, 600)
    box = {"crop_x": "-50", "crop_y": "100", "crop_w": "550"}
    return [Upload(encode(shown, "JPEG", quality=95), (shown,), box)]


def _jpeg(**options: Any) -> bytes:
    return encode(plain(), "JPEG", quality=95, **options)


def _tga() -> bytes:
    return bytes([0, 0, 2]) + struct.pack("<HHBHHHHBB", 0, 0, 0, 0, 0, 8, 8, 24, 0) + bytes(192)


UPLOADS: Final[dict[str, Makers]] = {
    "JPEG, baseline or progressive, in colour or grey": _kinds(
        "JPEG, progressive",
        "JPEG, every colour its own",
        "JPEG, a colour for two",
        "JPEG, RGB as it is",
        "JPEG, grey",
        "JPEG, restarts",
    ),
    "JPEG in CMYK or YCCK": _kinds("JPEG, CMYK", "JPEG, YCCK"),
    "JPEG with a colour profile": _kinds("JPEG, Display P3", "JPEG, Adobe RGB"),
    "JPEG that EXIF turns": lambda: _turned("JPEG", quality=95),
    "JPEG of 12 megapixels that EXIF turns, in two steps": _big,
    "JPEG without its end, or with a phone's trailer in its place": _damaged(
        _jpeg()[:-2], _jpeg(progressive=True)[:-2] + bytes(40) + b"SEFT"
    ),
    "JPEG of which pixels are missing": _refused(_jpeg()[:-200], _jpeg()[:-200] + bytes(200)),
    "PNG of 1 to 8 bits, grey, colour or palette, interlaced or not": lambda: [
        *_kinds("PNG, 1 bit", "PNG, palette of 2 bits", "PNG, interlaced")(),
        *_stills(coded(plain(), "PNG"), coded(plain().convert("L"), "PNG")),
    ],
    "PNG of 16 bits a channel": _kinds("PNG, 16 bits", "PNG, 16 bits grey"),
    "PNG with alpha": lambda: [
        *_kinds("PNG, grey with alpha")(),
        *_stills(coded(clear(), "PNG")),
    ],
    "PNG with alpha, of 16 bits a channel": _kinds(
        "PNG, 16 bits with alpha", "PNG, 16 bits grey with alpha"
    ),
    "PNG with a clear colour": _clear_colours,
    "PNG with alpha that is opaque throughout": _opaque_throughout,
    "PNG with a profile (iCCP), codes (cICP), or gAMA and cHRM": _kinds(
        "PNG, Display P3",
        "PNG, linear light",
        "PNG, Display P3 by cICP",
        "PNG, Display P3 by cHRM and gAMA",
        "PNG, gamma of old Macs",
    ),
    "PNG in PQ or HLG": _bright,
    "PNG without its end, or with one wrong checksum": _damaged(
        encode(plain(), "PNG")[:-_PNG_END_LENGTH], _wrong_checksum()
    ),
    "PNG of which rows are missing": _refused(encode(plain(), "PNG")[:-300]),
    "moving PNG, opaque": lambda: [
        Upload(_apng(_films(), mode), _films()) for mode in ("RGB", "RGBA")
    ],
    "moving PNG with clear parts": lambda: [Upload(_apng(_films("hard")), _films("hard"))],
    "moving PNG with soft alpha": lambda: [Upload(_apng(_films("soft")), _films("soft"))],
    "moving PNG that is cut off in its fourth frame": lambda: _cut_png(3),
    "moving PNG that is cut off in its second frame": lambda: _cut_png(1),
    "GIF that stands still": _kinds("GIF", "GIF, interlaced"),
    "GIF that stands still, with a clear colour": _kinds("GIF, with a clear colour"),
    "GIF that moves": _moving_gif,
    "GIF that moves, with a clear colour": lambda: _moving_gif("hard"),
    "GIF that is cut off in its fourth frame": _cut_gif,
    "GIF that is cut off behind its last pixel": lambda: _whole_gif(2),
    "GIF without its last byte": lambda: _whole_gif(1),
    "GIF of which pixels are missing": _refused(_still_gif()[:-300]),
    "WebP, lossy": _kinds("WebP, lossy"),
    "WebP, lossless": lambda: _stills(coded(plain(), "WEBP", lossless=True)),
    "WebP with alpha, lossy": _kinds("WebP, lossy with alpha"),
    "WebP with alpha, lossless": _kinds("WebP, lossless with alpha"),
    "WebP with a colour profile": _kinds("WebP, Display P3"),
    "WebP that EXIF turns": lambda: _turned("WEBP", quality=95),
    "moving WebP, opaque, whatever its header says": lambda: [
        Upload(_webp(film), _films())
        for film in (_films(), tuple(frame.convert("RGBA") for frame in _films()))
    ],
    "moving WebP with a colour profile": _moving_in_colour,
    "moving WebP with clear parts": lambda: [
        Upload(_webp(_films("hard"), exact=True), _films("hard"))
    ],
    "moving WebP with soft alpha": lambda: [Upload(_webp(_films("soft")), _films("soft"))],
    "HEIC or AVIF": lambda: _coded_well(plain(), plain().convert("L")),
    "HEIC or AVIF with alpha": lambda: _coded_well(clear()),
    "HEIC in tiles, as phones write it": _grid,
    "HEIC of 10 bits a channel": _ten_bits,
    "HEIC or AVIF that its own boxes turn": _turned_boxes,
    "AVIF with a colour profile": lambda: _stills(
        coloured("AVIF", "Display P3", plain(), quality=95, subsampling="4:4:4")
    ),
    "HEIC or AVIF in PQ or HLG": _bright_coded,
    "HEIC or AVIF that moves": _sequences,
    "any picture, with a crop box beyond its edges": _beyond,
    "TIFF": _refused(encode(plain(), "TIFF")),
    "BMP": _refused(encode(plain(), "BMP")),
    "TGA": _refused(_tga()),
    "icon (ICO)": _refused(encode(photo(16, 16), "ICO")),
    "Photoshop (PSD)": _refused(b"8BPS\0\1" + bytes(20)),
    "JPEG 2000": _refused(b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20)),
    "JPEG XL": _refused(b"\xff\x0a" + bytes(20)),
    "SVG": _refused(b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "PDF": _refused(encode(plain(), "PDF")),
    "ZIP": _refused(b"PK\3\4" + bytes(20)),
    "video": _refused(box(b"ftyp", b"isom", bytes(4), b"mp42")),
    "picture in base64": _refused(b64encode(_jpeg())),
    "name of a file": _refused(b"/home/ada/me.jpg"),
}
"""By the first column of the table."""
