"""JPEG settings to compare: the engine's own and those around them, by libvips and by Pillow."""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyvips
from PIL import Image

from likeness.imaging.worker.encode import (
    ICON_SIDE_PX,
    JPEG_QUALITY,
    JPEG_QUALITY_SMALL,
    JPEG_TABLE,
    SMALL_SIDE_PX,
)

MOZJPEG_TABLE: Final = 3
"""What libvips calls the quantisation table that we use; 0 are those of the standard."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to write a JPEG. `is_full` keeps the colours at full resolution."""

    quality: int
    is_full: bool = False
    is_fitted: bool = False
    is_progressive: bool = False
    is_trellis: bool = False
    is_robidoux: bool = False

    @property
    def name(self) -> str:
        """As a reader knows it."""
        parts = [
            f"Q{self.quality}",
            "4:4:4" if self.is_full else "4:2:0",
            "fitted tables" if self.is_fitted else "",
            "progressive" if self.is_progressive else "",
            "trellis" if self.is_trellis else "",
            "Robidoux" if self.is_robidoux else "",
        ]
        return " ".join(part for part in parts if part)

    def encode(self, picture: Image.Image) -> bytes:
        """The picture as a file."""
        return self._writer(picture)()

    def cpu_ms(self, picture: Image.Image, repeats: int) -> float:
        """The quickest of so many encodes, from pixels in memory."""
        write, taken = self._writer(picture), []
        for _ in range(repeats):
            start = time.process_time()
            write()
            taken.append(time.process_time() - start)
        return 1000 * min(taken)

    def _writer(self, picture: Image.Image) -> Callable[[], bytes]:
        """Pillow, unless it cannot do what is asked for."""
        if not self.is_trellis:
            return lambda: self._by_pillow(picture)
        held = pyvips.Image.new_from_array(np.asarray(picture), interpretation="srgb")
        return lambda: self._by_libvips(held)

    def _by_libvips(self, held: pyvips.Image) -> bytes:
        data: bytes = held.jpegsave_buffer(
            Q=self.quality,
            subsample_mode="off" if self.is_full else "on",
            optimize_coding=self.is_fitted,
            interlace=self.is_progressive,
            trellis_quant=self.is_trellis,
            quant_table=MOZJPEG_TABLE if self.is_robidoux else 0,
            keep="none",
        )
        return data

    def _by_pillow(self, picture: Image.Image) -> bytes:
        stream = io.BytesIO()
        picture.save(
            stream,
            "JPEG",
            quality=self.quality,
            subsampling=0 if self.is_full else 2,
            optimize=self.is_fitted,
            progressive=self.is_progressive,
            qtables=[JPEG_TABLE] if self.is_robidoux else None,
        )
        return stream.getvalue()


def own_setting(size: int) -> Setting:
    """What the engine does at a size."""
    is_small = size <= SMALL_SIDE_PX
    return Setting(
        JPEG_QUALITY_SMALL if is_small else JPEG_QUALITY,
        is_full=is_small,
        is_fitted=size <= ICON_SIDE_PX,
        is_robidoux=not is_small,
    )


def _around(qualities: tuple[int, ...]) -> tuple[Setting, ...]:
    plain = [Setting(quality, is_full) for is_full in (False, True) for quality in qualities]
    robidoux = [replace(setting, is_robidoux=True) for setting in plain]
    costly = [
        change
        for quality in (80, 86, 90)
        for change in (
            Setting(quality, is_fitted=True),
            Setting(quality, is_full=True, is_fitted=True),
            Setting(quality, is_fitted=True, is_progressive=True),
            Setting(quality, is_fitted=True, is_trellis=True),
            Setting(quality, is_fitted=True, is_trellis=True, is_robidoux=True),
        )
    ]
    icon = [
        Setting(quality, is_full=True, is_fitted=True, is_robidoux=is_robidoux)
        for quality in (85, 86, 87)
        for is_robidoux in (False, True)
    ]
    return (*plain, *robidoux, *costly, *icon)


SETTINGS: Final = _around((75, 80, 85, 86, 87, 88, 90, 95))
SETTINGS_QUICK: Final = (Setting(80), Setting(85, is_full=True), Setting(90, is_fitted=True))
