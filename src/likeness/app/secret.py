"""The key under which tokens are digested: from the settings, or made once and kept on disk."""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from likeness.config import Config
from likeness.db import Database
from likeness.errors import Mistake

_KEY_LENGTH: Final = 32
"""256 random bits, as many as a token has."""

_KEY_MARK: Final = "secret_key"
"""What the installation's mark of its key is kept under: it tells keys apart and reveals none."""

_MODE: Final = 0o600


def digest_key(config: Config) -> bytes:
    """The key of this installation. Two processes that start at once agree on one."""
    text = config.secret_key.get_secret_value()
    return text.encode() if text else _kept(config.data / "secret.key")


def check_key(database: Database, key: bytes) -> None:
    """See that this installation has always had this key. Raises Mistake where it had another.

    With a second key, tokens that one machine gives out would be unknown to the next.
    """
    mark = hmac.new(key, b"likeness secret key", "sha256").hexdigest()
    if database.agree(_KEY_MARK, mark) != mark:
        raise Mistake(
            "this database has tokens of another secret key. Give every machine the same "
            "LIKENESS_SECRET_KEY, or the `secret.key` of the data folder that was there first; or, "
            "where that is lost, end all tokens and sessions with `likeness migrate --new-key`"
        )


def change_key(database: Database, key: bytes) -> None:
    """Go on with this key. Tokens and sessions of the one before are unknown from now on."""
    database.forget_fact(_KEY_MARK)
    check_key(database, key)


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
