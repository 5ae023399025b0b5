"""The start and the end of an ASGI application, by the lifespan protocol."""

import asyncio

from starlette.types import ASGIApp, Message


class Lifespan:
    """Starts an application and ends it; each returns when it is done. Made where a loop runs."""

    def __init__(self, application: ASGIApp) -> None:
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        running = application(scope, self._told.get, self._heard.put)
        self._task = asyncio.ensure_future(running)

    async def start(self) -> None:
        """Start it. Raises the application's errors."""
        await self._tell("startup")

    async def stop(self) -> None:
        """End it. Raises the application's errors."""
        await self._tell("shutdown")

    async def _tell(self, step: str) -> None:
        """Send the next event, and wait for the answer, or for the end without one."""
        await self._told.put({"type": f"lifespan.{step}"})
        answer = asyncio.ensure_future(self._heard.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done() and answer.result()["type"] == f"lifespan.{step}.complete":
            return
        answer.cancel()
        await self._task
        raise RuntimeError(f"the application has not finished its {step}")
