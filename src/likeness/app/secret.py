"""The key under which tokens are digested: from the settings, or made once and kept on disk."""

import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from likeness.config import Config
from likeness.db import Database
from likeness.errors import Mistake
from likeness.keys import Keys
from likeness.ownership import explain, make_file

_KEY_LENGTH: Final = 32
"""256 random bits, as many as a token has."""

_KEY_MARK: Final = "secret_key"
"""The name of the fact that identifies the key without revealing it."""

_LOST: Final = (
    "or, where that is lost, end all tokens and sessions with `likeness migrate --new-key`"
)


def digest_key(config: Config) -> bytes:
    """The key of this installation, made where there is none.

    Two processes that start at once agree on one. Raises Mistake where it cannot be read.
    """
    while (key := known_key(config)) is None:
        # The first process to link has made it; the other reads that one.
        with suppress(FileExistsError), _mistakes_explained("made"):
            _create(key_file(config), secrets.token_bytes(_KEY_LENGTH))
    return key


def known_key(config: Config) -> bytes | None:
    """The key of this installation; None where none was set or made. Raises Mistake as above."""
    return _known(config.secret_key, key_file(config))


def old_key(config: Config) -> bytes | None:
    """The key before, where it is accepted as well; None where it is not. Raises Mistake."""
    if not config.has_folder and not config.secret_key_old.get_secret_value():
        return None
    return _known(config.secret_key_old, old_key_file(config))


def keys_of(config: Config) -> Keys:
    """The keys of this installation; the one in use is made where there is none."""
    return Keys(digest_key(config), old_key(config))


def _known(setting: SecretStr, path: Path) -> bytes | None:
    if text := setting.get_secret_value():
        return text.encode()
    with _mistakes_explained("read"):
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            return None
    if len(key) < _KEY_LENGTH:
        raise Mistake(f"{path} has {len(key)} bytes and is no secret key; restore it from a backup")
    return key


def key_file(config: Config) -> Path:
    """Where the key is kept, unless it is set."""
    return config.data.absolute() / "secret.key"


def old_key_file(config: Config) -> Path:
    """Where the key before is kept, unless it is set."""
    return key_file(config).with_suffix(".key.old")


def key_source(config: Config) -> str:
    """Where the key comes from, for people."""
    is_set = bool(config.secret_key.get_secret_value())
    return "LIKENESS_SECRET_KEY" if is_set else str(key_file(config))


def has_key(database: Database) -> bool:
    """Whether an installation has had a key before."""
    return database.fact(_KEY_MARK) is not None


def is_its_key(database: Database, key: bytes) -> bool:
    """Whether this is the key of an installation, or could become it."""
    return database.fact(_KEY_MARK) in {None, _mark(key)}


def check_key(database: Database, keys: Keys, source: str) -> None:
    """See that this installation has this key, which is that of `source`, or had the one before it.

    With a second key, tokens that one machine gives out would be unknown to the next. Raises
    Mistake where it has another.
    """
    if database.agree(_KEY_MARK, _mark(keys.current)) == _mark(keys.current):
        return
    if keys.old is None or not is_its_key(database, keys.old):
        raise Mistake(other_key(source))
    _go_on_with(database, keys.current)


def other_key(source: str) -> str:
    """The explanation and remedy where the key of `source` is not that of the installation."""
    return (
        f"this database has tokens of another secret key than that of {source}. Give every machine "
        "the same LIKENESS_SECRET_KEY, or the `secret.key` of the data folder that was there "
        f"first; {_LOST}"
    )


def missing_key(config: Config) -> str:
    """The same where there is no key at all."""
    return (
        f"this database has tokens of a secret key, and there is no {key_file(config)}. Name the "
        "data folder that has it by LIKENESS_DATA, or give every machine the same "
        f"LIKENESS_SECRET_KEY; {_LOST}"
    )


def change_key(database: Database, keys: Keys, at: datetime) -> int | None:
    """Go on with this key; how many tokens and sessions end by that, and None where it is no other.

    None ends where the installation has the key before it.
    """
    if is_its_key(database, keys.current):
        return None
    is_known = keys.old is not None and is_its_key(database, keys.old)
    ended = 0 if is_known else database.end_all_access(at)
    _go_on_with(database, keys.current)
    return ended


def _go_on_with(database: Database, key: bytes) -> None:
    database.forget_fact(_KEY_MARK)
    database.agree(_KEY_MARK, _mark(key))


@contextmanager
def _mistakes_explained(verb: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise Mistake(f"the secret key cannot be {verb}: {explain(error)}") from error


def _mark(key: bytes) -> str:
    return hmac.new(key, b"likeness secret key", "sha256").hexdigest()


def _create(path: Path, data: bytes) -> None:
    """Make a private file, whole and synced. Raises FileExistsError when it is there."""
    draft = path.with_suffix(f".{secrets.token_hex(8)}")
    descriptor = make_file(draft)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
