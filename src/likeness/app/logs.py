"""Log lines on stderr, ours and the server's in one shape: for people on a terminal, else JSON."""

import logging.config
import sys
from typing import Any, Final

import structlog

_SHARED: Final[list[Any]] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def log_config(form: str, level: str = "info") -> dict[str, Any]:
    """A `logging` configuration for `console`, `json` or, by whether stderr is a terminal, `auto`.

    What is below `level` is left out: debug, info, warning or error.

    Control characters are escaped by both renderers, so that nothing can forge a line.
    """
    is_console = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer = (
        structlog.dev.ConsoleRenderer(colors=False)
        if is_console
        else structlog.processors.JSONRenderer()
    )
    processors = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        renderer,
    ]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": processors,
        "foreign_pre_chain": _SHARED,
    }
    handler = {
        "class": "logging.StreamHandler",
        "formatter": "likeness",
        "stream": "ext://sys.stderr",
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"likeness": formatter},
        "handlers": {"stderr": handler},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {
            "alembic": {"level": "WARNING"},
            # They would log each request with its address.
            "httpx2": {"level": "WARNING"},
            "httpcore2": {"level": "WARNING"},
        },
    }


def configure_logs(form: str, level: str = "info") -> None:
    """Send everything that this process logs through that one shape."""
    logging.config.dictConfig(log_config(form, level))
    structlog.configure(
        # Before anything else: what is left out costs nothing.
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
