"""The key under which tokens are digested: from the settings, or made once and kept on disk."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from likeness.config import Config

_KEY_LENGTH: Final = 32
"""256 random bits, as many as a token has."""

_MODE: Final = 0o600


def digest_key(config: Config) -> bytes:
    """The key of this installation. Two processes that start at once agree on one."""
    text = config.secret_key.get_secret_value()
    return text.encode() if text else _kept(config.data / "secret.key")


def _kept(path: Path) -> bytes:
    if not path.exists():
        # Whoever links first has made it; the other reads what the first one made.
        with suppress(FileExistsError):
            _create(path, secrets.token_bytes(_KEY_LENGTH))
    return path.read_bytes()


def _create(path: Path, data: bytes) -> None:
    """Make a private file, whole and synced. Raises FileExistsError when it is there."""
    draft = path.with_suffix(f".{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
