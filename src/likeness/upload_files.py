"""The end of uploaded files: what they have in the store first, and then their rows."""

from collections.abc import Sequence

from likeness.blobs import BlobStore
from likeness.db import Database
from likeness.threads import in_thread
from likeness.uploads import Upload


async def remove_uploads(database: Database, blobs: BlobStore, some: Sequence[Upload]) -> None:
    """Leave nothing of some uploads. Raises ServiceUnavailable; it may be done again then."""
    if some:
        await in_thread(blobs.delete, [key for upload in some for key in upload.keys])
        await in_thread(database.remove_uploads, [upload.id for upload in some])
