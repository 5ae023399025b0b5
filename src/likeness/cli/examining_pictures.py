"""What `likeness doctor` looks at of pictures: whether a picture process starts, and its walls."""

from anyio import Event

from likeness.app.walls import TOO_LOW, sandbox_level, without_walls
from likeness.cli.finding import CaveatError
from likeness.config import Config
from likeness.errors import Mistake, ServiceUnavailable
from likeness.imaging.engine import WorkerEngine
from likeness.imaging.sandbox import Mode


class Pictures:
    """One picture process, with all the walls that this machine has."""

    def __init__(self, config: Config) -> None:
        is_off = config.sandbox == "off"
        self._config = config
        self._engine = WorkerEngine(
            workers=1,
            queue_max=0,
            deadline_s=config.picture_timeout_s,
            letterbox_rgb=config.letterbox_rgb,
            # What is required is judged here, in words; a start refuses.
            sandbox=Mode.OFF if is_off else Mode.AUTO,
        )
        self._tried = Event()
        self._is_up = False

    async def start(self) -> str:
        """Whether one can be started at all."""
        try:
            await self._engine.start()
            self._is_up = True
        except ServiceUnavailable as refusal:
            raise Mistake(refusal.reason) from refusal
        finally:
            self._tried.set()
        return "started, and read JPEG, PNG, GIF, WebP, AVIF and HEIC, and nothing else"

    async def walls(self) -> str:
        """How it is walled in."""
        await self._tried.wait()
        if not self._is_up:
            raise CaveatError("not known, since no picture process could be started")
        layers = self._engine.layers
        level = sandbox_level(layers)
        if level not in TOO_LOW:
            return f"{level}: {', '.join(layers)}"
        sentence = f"{level}: {without_walls(layers, self._config)}"
        if self._config.sandbox == "off":
            raise CaveatError(sentence)
        raise Mistake(sentence)

    async def close(self) -> None:
        """End it."""
        await self._engine.close()
