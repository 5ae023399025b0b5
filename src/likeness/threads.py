"""The one way to call what blocks, such as database and blob store, from the event loop."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import to_thread

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_thread(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Call a blocking function in a worker thread, so that the event loop goes on.

    Returns its result and raises its errors. A caller that is cancelled still waits for its end.
    """
    return await to_thread.run_sync(lambda: function(*args, **kwargs))
