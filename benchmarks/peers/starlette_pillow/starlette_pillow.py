"""The Python peer of the upload benchmark, written as such servers commonly are.

Starlette parses the form, Pillow makes every size from the upload in a thread, files are written
plainly and without fsync. No accounts, no database, no checks beyond Pillow's own: all in its
favour. It is started by `uvicorn starlette_pillow:app`; its settings come by environment.
"""

import io
import os
import uuid
from pathlib import Path

from PIL import Image, ImageOps
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

SIZES = (24, 32, 48, 72, 192, 512, 1024)
FOLDER = Path(os.environ["FOLDER"])
JPEG_QUALITY = int(os.environ["JPEG_QUALITY"])
PNG_COMPRESSION = int(os.environ["PNG_COMPRESSION"])

Crop = tuple[int, int, int]


async def set_photo(request: Request) -> JSONResponse:
    """Store the form's `image` in every size; answer with the names of the files."""
    async with request.form() as form:
        image = form["image"]
        assert isinstance(image, UploadFile)
        data = await image.read()
        crop = _crop(form["crop_x"], form["crop_y"], form["crop_w"]) if "crop_w" in form else None
    return JSONResponse({"ok": True, "profile": await run_in_threadpool(_store, data, crop)})


def _crop(*fields: UploadFile | str) -> Crop:
    x, y, width = (int(str(field)) for field in fields)
    return x, y, width


def _store(data: bytes, crop: Crop | None) -> dict[str, str]:
    source = Image.open(io.BytesIO(data))
    form = "PNG" if source.format == "PNG" else "JPEG"
    upright = ImageOps.exif_transpose(source)
    square = _square(upright, crop)
    pictures = {"original": upright}
    for size in SIZES:
        if size <= square.width:
            pictures[str(size)] = square.resize((size, size), Image.Resampling.LANCZOS)
    stem = uuid.uuid4().hex
    return {f"image_{name}": _save(pictures[name], form, f"{stem}_{name}") for name in pictures}


def _square(upright: Image.Image, crop: Crop | None) -> Image.Image:
    if crop:
        x, y, width = crop
        return upright.crop((x, y, x + width, y + width))
    side = max(upright.size)
    return upright if upright.width == upright.height else ImageOps.pad(upright, (side, side))


def _save(picture: Image.Image, form: str, stem: str) -> str:
    name = f"{stem}.{'png' if form == 'PNG' else 'jpg'}"
    if form == "PNG":
        picture.save(FOLDER / name, "PNG", compress_level=PNG_COMPRESSION)
    else:
        picture.convert("RGB").save(FOLDER / name, "JPEG", quality=JPEG_QUALITY)
    return f"/{name}"


app = Starlette(routes=[Route("/photo", set_photo, methods=["POST"])])
