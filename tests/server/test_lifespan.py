"""Starting and ending an application."""

from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from likeness.server.lifespan import Lifespan

pytestmark = pytest.mark.anyio


class Staged:
    """An application that can fail at each step."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing
        self.heard: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The lifespan protocol, and nothing else."""
        self.heard.append(scope["type"])
        for step in ("startup", "shutdown"):
            assert f"lifespan.{step}" == (await receive())["type"]
            if self.failing == f"{step} raises":
                raise LookupError(step)
            if self.failing == f"{step} fails":
                await send({"type": f"lifespan.{step}.failed", "message": "no"})
                return
            self.heard.append(step)
            await send({"type": f"lifespan.{step}.complete"})


async def test_an_application_is_started_and_ended() -> None:
    """Each step is over when it says so."""
    application = Staged()
    lifespan = Lifespan(application)

    await lifespan.start()
    assert ["lifespan", "startup"] == application.heard
    await lifespan.stop()
    assert "shutdown" == application.heard[-1]


@pytest.mark.parametrize("step", ["startup", "shutdown"])
async def test_what_goes_wrong_is_raised(step: str) -> None:
    """By the application, or because it says so."""
    for failing, error in ((f"{step} raises", LookupError), (f"{step} fails", RuntimeError)):
        lifespan = Lifespan(Staged(failing))
        with pytest.raises(error, match=step):  # noqa: PT012 - Which of the two raises is the point.
            await lifespan.start()
            await lifespan.stop()
