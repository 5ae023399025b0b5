"""Photos as they were stored before every square was kept at its own side, and its part noted."""

from dataclasses import replace

from sqlalchemy import update

from likeness.db.rows import photo_values
from likeness.db.schema import photos
from likeness.model import SIZES, STILL, Photo
from support.studio import Studio


def age(work: Studio, photo: Photo) -> Photo:
    """The same photo as such a version would have stored it."""
    extra = [size for size in photo.sizes if size not in SIZES]
    old = replace(photo, sizes=tuple(set(photo.sizes) & set(SIZES)), window=None)
    old = replace(old, sizes=tuple(sorted(old.sizes)))
    work.service.blobs.delete(
        [photo.key(f"{size}{still}") for size in extra for still in ("", STILL)]
    )
    with work.service.database._write() as connection:
        connection.execute(update(photos).where(photos.c.id == old.id).values(photo_values(old)))
    return old
