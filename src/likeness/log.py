"""Our log lines: an event and its facts, by structlog, which is imported when a line is written.

Importing it takes as long as a tenth of a verb, and most verbs write no line.
"""

import logging
from collections.abc import Callable
from typing import Any


class Log:
    """Writes lines for one module, whose name stands on each."""

    def __init__(self, name: str) -> None:
        self._name = name

    def info(self, event: str, **facts: Any) -> None:
        """Something happened that operators may want to know."""
        self._lines().info(event, **facts)

    def warning(self, event: str, **facts: Any) -> None:
        """Something is not as it should be, and goes on."""
        self._lines().warning(event, **facts)

    def error(self, event: str, **facts: Any) -> None:
        """Something failed. A fact `exc_info` is the exception, whose traceback is written too."""
        self._lines().error(event, **facts)

    def _lines(self) -> Any:
        _set_up()
        import structlog  # noqa: PLC0415 - see the module's first lines

        return structlog.get_logger(self._name)


class _Before(logging.Handler):
    """Stands at the root of all logs until the first line, which has to come out as all others."""

    def __init__(self, configure: Callable[[], None]) -> None:
        super().__init__()
        self.configure = configure

    def emit(self, record: logging.LogRecord) -> None:
        """Set the log up, which replaces this handler, and hand the line of a library on."""
        self.configure()
        library = logging.getLogger(record.name)
        if library.isEnabledFor(record.levelno):
            library.handle(record)


def set_up_later(configure: Callable[[], None]) -> None:
    """Call `configure` before the first line, whether it is ours or a library's.

    It has to replace the handlers of the root logger. Lines below the level info are left out.
    """
    root = logging.getLogger()
    root.handlers = [_Before(configure)]
    root.setLevel(logging.INFO)


def _set_up() -> None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Before):
            handler.configure()
