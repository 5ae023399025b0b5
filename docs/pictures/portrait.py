"""Draw the demo's portrait: a made-up person before a made-up evening. Nobody was photographed.

Run it with `python docs/pictures/portrait.py`; it writes `src/likeness/cli/portrait.jpg`.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE_PX = 1024
SCALE = 3
TARGET = Path(__file__).parents[2] / "src/likeness/cli/portrait.jpg"


def sky(side: int) -> Image.Image:
    """An evening sky: three colours from top to bottom."""
    stops = np.array([[34, 40, 92], [214, 96, 106], [250, 190, 120]], dtype=float)
    place = np.linspace(0, 2, side)
    rows = np.stack([np.interp(place, [0, 1, 2], stops[:, band]) for band in range(3)], axis=1)
    return Image.fromarray(np.repeat(rows[:, None, :], side, axis=1).astype(np.uint8), "RGB")


def circle(draw: ImageDraw.ImageDraw, x: float, y: float, r: float, fill: str) -> None:
    """A disc around (x, y); all in parts of the picture's side."""
    unit = SIDE_PX * SCALE
    draw.ellipse([(x - r) * unit, (y - r) * unit, (x + r) * unit, (y + r) * unit], fill=fill)


def box(left: float, top: float, right: float, bottom: float) -> list[float]:
    """A rectangle given in parts of the picture's side, in pixels."""
    return [part * SIDE_PX * SCALE for part in (left, top, right, bottom)]


def portrait() -> Image.Image:
    """The whole picture, drawn three times too large and scaled down for soft edges."""
    picture = sky(SIDE_PX * SCALE)
    draw = ImageDraw.Draw(picture)
    circle(draw, 0.76, 0.30, 0.10, "#ffe2a8")
    draw.ellipse(box(-0.3, 0.66, 0.75, 1.3), fill="#5c3d6e")
    draw.ellipse(box(0.35, 0.72, 1.4, 1.4), fill="#43305c")
    draw.ellipse(box(0.29, 0.17, 0.71, 0.66), fill="#2b1d26")
    draw.rounded_rectangle(box(0.29, 0.40, 0.71, 0.74), 240, fill="#2b1d26")
    draw.ellipse(box(0.14, 0.72, 0.86, 1.5), fill="#1f7a6d")
    draw.rounded_rectangle(box(0.43, 0.56, 0.57, 0.82), 180, fill="#b97a56")
    draw.ellipse(box(0.345, 0.235, 0.655, 0.645), fill="#d99a6c")
    draw.pieslice(box(0.31, 0.17, 0.69, 0.52), 180, 352, fill="#2b1d26")
    for eye in (0.44, 0.56):
        circle(draw, eye, 0.44, 0.022, "#fff8f0")
        circle(draw, eye, 0.442, 0.012, "#2c2430")
    draw.arc(box(0.44, 0.47, 0.56, 0.575), 20, 160, fill="#8c3f3a", width=26)
    draw.arc(box(0.47, 0.44, 0.53, 0.51), 40, 140, fill="#b97a56", width=18)
    grain = np.random.default_rng(7).normal(0, 5, (SIDE_PX, SIDE_PX, 3))
    small = picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    soft = np.asarray(small.filter(ImageFilter.GaussianBlur(0.6)), dtype=float)
    return Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8), "RGB")


if __name__ == "__main__":
    portrait().save(TARGET, quality=82, optimize=True)
    print(f"wrote {TARGET.name}, {TARGET.stat().st_size} bytes")
