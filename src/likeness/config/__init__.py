"""The settings: what there is, where it comes from, what is allowed.

Only `app` and `cli` may import this. What is below them gets values, never settings.
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
