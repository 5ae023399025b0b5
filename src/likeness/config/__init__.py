"""The settings: their names, sources and checks.

Only `app` and `cli` may import this. Modules below them get values, never settings.
"""

from likeness.config.kinds import parse_duration, spelt
from likeness.config.reading import CONFIG_FILE, load, origins, variable
from likeness.config.settings import Config

__all__ = [
    "CONFIG_FILE",
    "Config",
    "load",
    "origins",
    "parse_duration",
    "spelt",
    "variable",
]
