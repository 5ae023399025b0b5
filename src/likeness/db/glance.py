"""Look-ups on the event loop: at once where the database is a file, else in a thread."""

from contextlib import suppress
from typing import Protocol, TypeVar

from anyio import to_thread

from likeness.db.connection import Connected
from likeness.errors import ServiceUnavailable

_T_co = TypeVar("_T_co", covariant=True)


class LookUp(Protocol[_T_co]):
    """A statement that can be asked to wait for nobody; then it may raise ServiceUnavailable."""

    def __call__(self, digest: bytes, *, at_once: bool = False) -> _T_co:
        """The result for a digest."""


async def looked_up(database: Connected, look: LookUp[_T_co], digest: bytes) -> _T_co:
    """Run a look-up of this database. Raises ServiceUnavailable as that does.

    A few steps down an index in a file: handing them to a thread would cost twice as much as they
    do, and wait twice for the interpreter's lock.
    """
    if database.is_embedded:
        with suppress(ServiceUnavailable):
            return look(digest, at_once=True)
    return await to_thread.run_sync(look, digest)
