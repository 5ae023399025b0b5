"""A corpus of valid and hostile pictures that any clone can make, in the shape of the shared one.

The shared corpus lies beside some checkouts (`../shared/corpus`): files of other projects, which
may be read but not copied. This one holds the same kinds, made by our own code, with the answers
that are right for each, so that the tests of the corpus run on every machine.
"""

import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from PIL import Image

from support import blocks
from support.kinds import KINDS
from support.pictures import encode, gif, jpeg, photo, png

SIDE_PX_MIN: Final = 512
SIDE_PX_MAX: Final = 1024
RELAXED_PX_MAX: Final = 8000
"""Limits of a square by default, and those of the relaxed ones, which begin at one pixel."""

EDGES_PX: Final = (
    *((1, 1), (2, 2), (1, 1024), (1024, 1), (511, 511), (512, 511), (512, 512), (512, 1024)),
    *((1024, 512), (1024, 1024), (1025, 1024), (1024, 1025), (600, 800), (640, 480)),
)
"""On, below and above each limit."""

CUTS: Final = range(10, 100, 20)
"""How much is left of a file that was cut off, in per cent."""

BAD: Final = ("bad_image",)
PERHAPS: Final = ("bad_image", "ok")
"""Decoders honestly differ on what is broken in its pixels only."""


@dataclass(frozen=True)
class Entry:
    """One file, what it holds, and every answer that is right, by default and by relaxed limits."""

    name: str
    data: bytes
    format: str
    width: int | None
    height: int | None
    frames: int
    strict: tuple[str, ...]
    relaxed: tuple[str, ...]

    def written(self, folder: Path) -> dict[str, object]:
        """Write the file, and give its row of the manifest."""
        digest = sha256(self.data).hexdigest()
        stem, _, ending = self.name.rpartition(".")
        file = f"{stem.partition('/')[0]}/made__{digest[:8]}__{stem.partition('/')[2]}.{ending}"
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(self.data)
        return {
            "file": file,
            "sha256": digest,
            "format": self.format,
            "width": self.width,
            "height": self.height,
            "frames": self.frames,
            "special": [] if stem.partition("/")[2].startswith("edge_") else [stem],
            "expect_strict": self.strict,
            "expect_relaxed": self.relaxed,
        }


def write_corpus(folder: Path) -> Path:
    """Write every file and `manifest.json` into a folder; gives the folder."""
    rows = [entry.written(folder) for entry in (*valid(), *hostile())]
    (folder / "manifest.json").write_text(json.dumps({"files": rows}, indent=1))
    return folder


def valid() -> Iterator[Entry]:
    """Pictures that nobody needs to refuse, but for their size."""
    for width, height in EDGES_PX:
        for form in ("JPEG", "PNG", "WEBP", "GIF"):
            yield _good(f"edge_{width}x{height}", form, _small(form, width, height))
    for name, make in KINDS.items():
        form, _, rest = name.partition(", ")
        yield _good(_plain(rest) or "plain", form, make()[0])
    for turn in range(1, 9):
        tag = Image.Exif()
        tag[0x0112] = turn
        for form in ("JPEG", "PNG"):
            yield _good(f"turned_{turn}", form, encode(photo(96, 64), form, exif=tag))
    yield _good("of_a_camera", "JPEG", _small("JPEG", 4000, 3000))
    for form in ("GIF", "WEBP"):
        yield _good("moving_12_frames", form, _moving(form, 512, 12))
        yield _good("moving_8_frames", form, _moving(form, 160, 8))
    yield from _with_more()


def _with_more() -> Iterator[Entry]:
    """Whole pictures that are something else as well, which is left away."""
    whole = png(600, 600)
    text = blocks.png_chunk(b"tEXt", b"a\0<script>1</script>")
    yield _good("markup_in_text", "PNG", whole[:33] + text + whole[33:])
    yield _good("zeros_behind", "JPEG", jpeg(600, 600) + bytes(2**20))
    yield _good("archive_behind", "GIF", gif(600, 600, 1) + b"PK\5\6" + bytes(18))


def hostile() -> Iterator[Entry]:
    """What is cut off, lies, swells, moves too long, or is no picture of ours at all."""
    yield from _cut_off()
    yield from _liars()
    yield from _swelling()
    yield from _too_long()
    yield from _other_things()


def _cut_off() -> Iterator[Entry]:
    """The beginnings of whole files."""
    whole = {
        "base.jpg": encode(photo(320, 240), "JPEG"),
        "progressive.jpg": encode(photo(320, 240), "JPEG", progressive=True),
        "still.png": encode(photo(320, 240), "PNG"),
        "still.gif": encode(photo(320, 240), "GIF"),
        "moving.gif": _moving("GIF", 160, 8),
        "still.webp": encode(photo(320, 240), "WEBP"),
        "lossless.webp": encode(photo(320, 240), "WEBP", lossless=True),
        "moving.webp": _moving("WEBP", 160, 8),
    }
    for name, data in whole.items():
        form = Path(name).suffix[1:]
        relaxed = BAD if form == "webp" else PERHAPS
        frames = 8 if name.startswith("moving") else 1
        for share in CUTS:
            cut = data[: len(data) * share // 100]
            named = f"hostile/cut{share}_{name}"
            yield Entry(named, cut, form, None, None, frames, BAD, relaxed)


def _liars() -> Iterator[Entry]:
    """Headers that say more than there is, or less."""
    for side, answer in ((0, "bad_image"), (40_000, "too_large"), (2_000_000_000, "too_large")):
        data = blocks.png_file(header=blocks.png_header(side, side))
        yield _bad(f"liar_{side}.png", data, answer)
    yield _bad(
        "liar_65500.jpg",
        blocks.jpeg_file(frame=blocks.jpeg_frame(65_500, 65_500)),
        "too_large",
        "bad_image",
    )
    yield _bad(
        "liar_65500.gif", blocks.gif_screen(65_500, 65_500) + blocks.gif_frame() + b";", "too_large"
    )
    yield _bad(
        "liar_16383.webp",
        blocks.webp_file(blocks.webp_lossy(16_383, 16_383)),
        "too_large",
        "bad_image",
    )
    yield _bad("checksum.png", _with_wrong_checksum(png(600, 600)), *PERHAPS)
    yield _bad("no_frames.gif", blocks.gif_screen(600, 600) + b";")
    yield _bad(
        "exif_cut.jpg",
        _behind_start(jpeg(600, 600), 0xE1, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"),
        *PERHAPS,
    )


def _swelling() -> Iterator[Entry]:
    """Little to send, much to unpack."""
    swollen = zlib.compress(bytes(50 * 2**20), 9)
    whole = png(600, 600)
    for kind, head in ((b"zTXt", b"Comment\0\0"), (b"iCCP", b"name\0\0")):
        data = whole[:33] + blocks.png_chunk(kind, head + swollen) + whole[33:]
        yield _bad(f"swelling_{kind.decode()}.png", data, *PERHAPS)
    yield _bad("scans.jpg", blocks.jpeg_file(frame=blocks.jpeg_frame(600, 600), scans=5000))


def _too_long() -> Iterator[Entry]:
    """More frames than are allowed."""
    frames = b"".join(blocks.gif_control() + blocks.gif_frame() for _ in range(5000))
    yield _bad("frames_5000.gif", blocks.gif_screen(512, 512) + frames + b";", "too_many_frames")
    few = blocks.gif_screen(512, 512) + blocks.gif_frame() * 101 + b";"
    yield _bad("frames_101.gif", few, "too_many_frames")
    yield _bad("frames_101.webp", _moving("WEBP", 512, 101), "too_many_frames")


def _other_things() -> Iterator[Entry]:
    """No pictures, and pictures in formats that nobody may send."""
    picture = photo(600, 600)
    for form in ("BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "JPEG2000"):
        yield _bad(f"other.{form.lower()}", encode(picture, form))
    for name, data in {
        "empty.bin": b"",
        "text.txt": b"no picture at all\n" * 100,
        "table.csv": b"a,b\n1,2\n" * 100,
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "swelling.svg": b'<!DOCTYPE s [<!ENTITY a "&b;&b;"><!ENTITY b "c">]><svg>&a;</svg>',
        "page.pdf": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF",
        "page.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        "commands.mvg": b"push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/'\n",
        **{f"magic_{form}.bin": head for form, head in _MAGIC.items()},
    }.items():
        yield _bad(name, data)


_MAGIC: Final = {
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff",
    "gif": b"GIF89a",
    "webp": b"RIFF\x04\0\0\0WEBP",
}


def _good(name: str, form: str, data: bytes) -> Entry:
    """A whole file, which only its size can have refused."""
    seen = Image.open(io.BytesIO(data))
    frames = getattr(seen, "n_frames", 1)
    sides = seen.size
    strict = [
        *(["bad_image"] if min(sides) < SIDE_PX_MIN else []),
        *(["too_large"] if max(sides) > SIDE_PX_MAX else []),
    ]
    relaxed = ("ok",) if max(sides) <= RELAXED_PX_MAX else ("too_large",)
    named = f"valid/{name}.{form.lower()}"
    return Entry(named, data, form.lower(), *sides, frames, tuple(strict) or ("ok",), relaxed)


def _bad(name: str, data: bytes, *answers: str) -> Entry:
    """A file that gets one of these answers whatever the limits; bad_image unless told."""
    form = Path(name).suffix[1:]
    answers = answers or BAD
    return Entry(f"hostile/{name}", data, form, None, None, 1, answers, answers)


@cache
def _small(form: str, width: int, height: int) -> bytes:
    """A picture of a size, in little time: levels in a row compress at once."""
    flat = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    return encode(flat, form)


def _moving(form: str, side: int, frames: int) -> bytes:
    """An animation of one hue after the other."""
    pictures = [
        Image.new("RGB", (side, side), (index * 37 % 256, 80, 255 - index * 53 % 256))
        for index in range(frames)
    ]
    return encode(pictures[0], form, save_all=True, append_images=pictures[1:], duration=80, loop=0)


def _with_wrong_checksum(data: bytes) -> bytes:
    """A PNG whose last chunk of pixels has another checksum."""
    at = data.rindex(b"IEND") - 5
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _behind_start(data: bytes, code: int, payload: bytes) -> bytes:
    """A JPEG with one more segment in front of all others."""
    return data[:2] + blocks.jpeg_segment(code, payload) + data[2:]


def _plain(name: str) -> str:
    """Words as part of the name of a file."""
    return "_".join(name.replace(",", "").split())
