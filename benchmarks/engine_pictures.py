"""The uploads for the engine's benchmark: stills in three formats and sizes, and animations.

An animation is a slow pan over a photograph. As a GIF each frame has 256 colours of its own, as a
PNG or WebP those of the photograph; the ones with clear parts show it through a round hole.
"""

import io
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from photos import PHOTOGRAPHS, SOURCE_QUALITY, photograph_at

MOVING_SIDE_PX: Final = 512
MOVING_SOURCE_SIDE_PX: Final = 1024
FRAME_MS: Final = 50

MOVING_FORMS: Final = ("gif", "png", "webp")
"""What is compared, the GIF first."""

COMPARED_FRAMES: Final = 60

_RGBA: Final = "RGBA"
_CLEAR_INDEX: Final = 255


@dataclass(frozen=True, slots=True)
class Kind:
    """What is uploaded, from how many of the photographs, and how often all subjects have a turn.

    `is_heavy`: one picture takes so long that nothing is done to warm up. `is_compared`: only with
    the same motion in other formats, by us, and in turns with these; few peers read all of them.
    """

    form: str
    width: int
    height: int
    frames: int = 1
    pictures: int = len(PHOTOGRAPHS)
    rounds: int = 5
    is_heavy: bool = False
    is_clear: bool = False
    is_compared: bool = False

    @property
    def name(self) -> str:
        """As the command line and the tables know it."""
        if self.frames == 1:
            return f"{self.form}-{self.width}x{self.height}"
        return f"{self.form}-{self.frames}{'-clear' if self.is_clear else ''}"

    @property
    def turns(self) -> str:
        """The same for kinds that are measured in turns."""
        return f"{self.frames} {self.is_clear}" if self.is_compared else self.name

    def write(self, folder: Path) -> list[str]:
        """Every upload as a file below `folder`; their paths."""
        paths = [folder / f"{self.name}-{name}" for name in PHOTOGRAPHS[: self.pictures]]
        for name, path in zip(PHOTOGRAPHS, paths, strict=False):
            path.write_bytes(self._moving(name) if self.frames > 1 else self._still(name))
        return [str(path) for path in paths]

    def _still(self, name: str) -> bytes:
        stream = io.BytesIO()
        picture = photograph_at(name, (self.width, self.height))
        # PNG takes no notice of a quality.
        picture.save(stream, self.form, quality=SOURCE_QUALITY)
        return stream.getvalue()

    def _moving(self, name: str) -> bytes:
        frames = [_hole(frame) if self.is_clear else frame for frame in _pan(name, self.frames)]
        options = {"duration": FRAME_MS, "loop": 0}
        if self.form == "gif":
            frames = [_few_colours(frame) for frame in frames]
            # Or what was drawn would show through the next frame.
            options |= {"disposal": 2} if self.is_clear else {}
        if self.form == "webp":
            options |= {"quality": SOURCE_QUALITY}
        stream = io.BytesIO()
        first, *others = frames
        first.save(stream, self.form, save_all=True, append_images=others, **options)
        return stream.getvalue()


STILLS: Final = tuple(
    kind
    for form in ("jpeg", "png", "webp")
    for kind in (
        Kind(form, 512, 512),
        Kind(form, 1024, 1024),
        Kind(form, 4000, 3000, pictures=2, rounds=3, is_heavy=True),
    )
)
_moving = partial(Kind, width=MOVING_SIDE_PX, height=MOVING_SIDE_PX, is_heavy=True)
ANIMATIONS: Final = (
    _moving("gif", frames=10, pictures=2, rounds=3),
    _moving("gif", frames=100, pictures=1, rounds=2),
)
COMPARED: Final = tuple(
    _moving(form, frames=COMPARED_FRAMES, pictures=1, is_clear=is_clear, is_compared=True)
    for is_clear in (False, True)
    for form in MOVING_FORMS
)
KINDS: Final = {kind.name: kind for kind in (*STILLS, *ANIMATIONS, *COMPARED)}
KINDS_QUICK: Final = ("jpeg-512x512",)


def _pan(name: str, count: int) -> list[Image.Image]:
    """A slow pan over a photograph."""
    whole = photograph_at(name, (MOVING_SOURCE_SIDE_PX, MOVING_SOURCE_SIDE_PX))
    reach = MOVING_SOURCE_SIDE_PX - MOVING_SIDE_PX
    corners = [reach * number // count for number in range(count)]
    return [whole.crop((at, at, at + MOVING_SIDE_PX, at + MOVING_SIDE_PX)) for at in corners]


def _hole(frame: Image.Image) -> Image.Image:
    """What is seen of a frame through a round hole; the rest is clear."""
    mask = Image.new("L", frame.size)
    margin = frame.width // 16
    ImageDraw.Draw(mask).ellipse(
        (margin, margin, frame.width - margin, frame.height - margin), fill=255
    )
    seen = frame.convert(_RGBA)
    seen.putalpha(mask)
    return seen


def _few_colours(frame: Image.Image) -> Image.Image:
    """The best 256 colours of a frame; of one with clear parts 255, and a clear one."""
    if frame.mode != _RGBA:
        return frame.quantize(256)
    made = frame.convert("RGB").quantize(_CLEAR_INDEX)
    made.paste(_CLEAR_INDEX, mask=frame.getchannel("A").point(lambda alpha: 255 - alpha))
    made.info["transparency"] = _CLEAR_INDEX
    return made
