"""The uploads for the engine's benchmark: stills in three formats and sizes, and animations."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from photos import PHOTOGRAPHS, SOURCE_QUALITY, photograph_at

GIF_SIDE_PX: Final = 512
GIF_SOURCE_SIDE_PX: Final = 1024
GIF_FRAME_MS: Final = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """What is uploaded, from how many of the photographs, and how often all subjects have a turn.

    `is_heavy`: one picture takes so long that nothing is done to warm up.
    """

    form: str
    width: int
    height: int
    frames: int = 1
    pictures: int = len(PHOTOGRAPHS)
    rounds: int = 5
    is_heavy: bool = False

    @property
    def name(self) -> str:
        """As the command line and the tables know it."""
        return f"{self.form}-{self.frames if self.frames > 1 else f'{self.width}x{self.height}'}"

    def write(self, folder: Path) -> list[str]:
        """Every upload as a file below `folder`; their paths."""
        paths = [folder / f"{self.name}-{name}" for name in PHOTOGRAPHS[: self.pictures]]
        for name, path in zip(PHOTOGRAPHS, paths, strict=False):
            path.write_bytes(
                _animation(name, self.frames) if self.frames > 1 else self._still(name)
            )
        return [str(path) for path in paths]

    def _still(self, name: str) -> bytes:
        stream = io.BytesIO()
        picture = photograph_at(name, (self.width, self.height))
        # PNG takes no notice of a quality.
        picture.save(stream, self.form, quality=SOURCE_QUALITY)
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
ANIMATIONS: Final = (
    Kind("gif", GIF_SIDE_PX, GIF_SIDE_PX, frames=10, pictures=2, rounds=3, is_heavy=True),
    Kind("gif", GIF_SIDE_PX, GIF_SIDE_PX, frames=100, pictures=1, rounds=2, is_heavy=True),
)
KINDS: Final = {kind.name: kind for kind in (*STILLS, *ANIMATIONS)}
KINDS_QUICK: Final = ("jpeg-512x512",)


def _animation(name: str, count: int) -> bytes:
    """A slow pan over a photograph, every frame with 256 colours of its own."""
    whole = photograph_at(name, (GIF_SOURCE_SIDE_PX, GIF_SOURCE_SIDE_PX))
    reach = GIF_SOURCE_SIDE_PX - GIF_SIDE_PX
    frames = []
    for number in range(count):
        left = reach * number // count
        box = (left, left, left + GIF_SIDE_PX, left + GIF_SIDE_PX)
        frames.append(whole.crop(box).quantize(256))
    stream = io.BytesIO()
    frames[0].save(
        stream, "GIF", save_all=True, append_images=frames[1:], duration=GIF_FRAME_MS, loop=0
    )
    return stream.getvalue()
