"""What `likeness doctor` looks at. Nothing here makes an installation or changes one.

Each check stands alone: whatever one of them finds, the others are made too, all at the same time,
and none of them waits for a server that says nothing.
"""

import grp
import os
import shutil
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Final

from anyio import create_task_group, run

from likeness.app.preparing import dead_address, files_of
from likeness.app.secret import (
    has_key,
    is_its_key,
    key_source,
    known_key,
    missing_key,
    old_key,
    other_key,
)
from likeness.blobs import BlobStore, open_blobs, parse
from likeness.cli.examining_targets import target_checks
from likeness.cli.finding import (
    ANSWER_TIMEOUT_S,
    CaveatError,
    Check,
    Finding,
    aside,
    finding_of,
    in_time,
)
from likeness.config import Config
from likeness.db import Database, file_of, newest, older, open_database
from likeness.errors import Mistake, ServiceUnavailable
from likeness.ownership import obstacle, openness

FREE_BYTES_MIN: Final = 2**30
"""A thousand photos take half of that."""

CLOCK_DIFFERENCE_MAX: Final = timedelta(seconds=5)
"""Limits of a minute and links of a quarter of an hour are reckoned by two clocks then."""

_NO_CLOCK: Final = "not known, since the database cannot be asked"


async def examine(config: Config) -> list[Finding]:
    """Everything that can be looked at, in the order in which it is to be mended."""
    # What makes pictures takes a while to import, and nothing else waits for it.
    from likeness.cli.examining_pictures import Pictures  # noqa: PLC0415 - see above

    with closing(open_database(config.database_url)) as database:
        rows = _Rows(config, database)
        pictures = Pictures(config)
        checks: dict[str, Check] = {
            "public address": aside(_address, config),
            "data folder": aside(_folder, config),
            "secret key": in_time(aside(rows.key), rows.key_unknown()),
            "database": in_time(aside(rows.tables), rows.silent()),
            "clock": in_time(aside(rows.clock), CaveatError(_NO_CLOCK)),
            "photo store": in_time(aside(_store, config), _silent_store(config)),
            "picture processes": pictures.start,
            "sandbox": pictures.walls,
            **({"directory": _directory_in_time(config)} if config.ldap_url else {}),
        }
        found: dict[str, Finding] = {}

        async def look(name: str, check: Check) -> None:
            found[name] = await finding_of(name, check)

        async with create_task_group() as group:
            for name, check in checks.items():
                group.start_soon(look, name, check)
            # Which targets there are says the database, for which the other checks do not wait.
            of_targets = await target_checks(config, database)
            for name, check in of_targets.items():
                group.start_soon(look, name, check)
        await pictures.close()
    return [found[name] for name in (*checks, *of_targets)]


def _address(config: Config) -> str:
    if config.has_dead_address:
        raise Mistake(dead_address(config))
    apart = f", photos below {config.photo_url}" if config.photo_url != config.base_url else ""
    return f"{config.base_url}{apart}"


def _folder(config: Config) -> str:
    if not config.has_folder:
        return "none is needed: database, photos and secret key are elsewhere"
    folder = config.data.absolute()
    if folder.exists() and not folder.is_dir():
        raise Mistake(f"LIKENESS_DATA: {folder} is a file, and must be a folder")
    if hindered := obstacle(folder, os.R_OK | os.W_OK):
        raise Mistake(f"LIKENESS_DATA: {hindered}")
    if not folder.is_dir():
        raise CaveatError(f"there is no {folder} yet; the first start makes it")
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES_MIN:
        raise Mistake(f"{folder} has {free} bytes left; {FREE_BYTES_MIN} are a sensible minimum")
    if openness(folder) & stat.S_IRWXO:
        _check_closed([folder, *files_of(config)], file_of(config.database_url))
    return f"{folder}, {free // 2**30} GiB free{_shared(folder)}"


def _check_closed(paths: list[Path], database: Path | None = None) -> None:
    """Warn of what everybody on this machine can use, with what closes it."""
    open_to_all = (path for path in paths if path.exists() and openness(path) & stat.S_IRWXO)
    told = dict.fromkeys(_closing(path, database) for path in open_to_all)
    if told:
        raise CaveatError(
            "everybody who works on this machine can read addresses and photos, prepared ones too: "
            + " && ".join(told)
        )


def _closing(path: Path, database: Path | None) -> str:
    """The command that takes a file or folder from everybody else.

    The files beside a database come and go while it is used: the shell says which are there.
    """
    if path.is_dir():
        return f"chmod 700 {path}"
    is_of_database = database is not None and str(path).startswith(str(database))
    return f"chmod 600 {database}*" if is_of_database else f"chmod 600 {path}"


def _shared(folder: Path) -> str:
    """A note on a folder that was opened to a group; empty for any other."""
    if not openness(folder) & stat.S_IRWXG:
        return ""
    number = folder.stat().st_gid
    try:
        return f", open to the group {grp.getgrgid(number).gr_name}"
    except KeyError:
        return f", open to the group {number}"


class _Rows:
    """The checks of the database. One that fails does not affect another."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database

    def key(self) -> str:
        """The secret key, and that it is the one of the tokens there are."""
        source, key = key_source(self._config), known_key(self._config)
        try:
            is_begun = not self._is_new() and has_key(self._database)
            old = old_key(self._config)
            if is_begun and old is not None and is_its_key(self._database, old) and key != old:
                raise CaveatError(f"that of the tokens is the one before {source}; a start goes on")
            if is_begun and key is None:
                raise Mistake(missing_key(self._config))
            if is_begun and key is not None and not is_its_key(self._database, key):
                raise Mistake(other_key(source))
        except ServiceUnavailable as away:
            raise self.key_unknown() from away
        if key is None:
            raise CaveatError(f"there is no {source} yet; the first start makes it")
        if old is not None:
            return f"{source}; tokens of the one before it are accepted as well"
        return source

    def key_unknown(self) -> CaveatError:
        """The warning about the key where the database cannot be asked."""
        source = key_source(self._config)
        return CaveatError(f"{source}; whether it is the right one is not known")

    def silent(self) -> Mistake:
        """The error about a database that does not answer."""
        return Mistake(
            f"the database {self._database.place} has not answered for {ANSWER_TIMEOUT_S} s. "
            "Start it, or correct LIKENESS_DATABASE"
        )

    def tables(self) -> str:
        """The database, its revision, and whether anything can be changed in it."""
        database = self._database
        if self._is_new():
            self._check_place()
            raise CaveatError("it is empty; the first start makes its tables")
        hindered = database.obstacle_to_writing()
        found, teams = database.revision(), len(database.teams())
        seen = f"revision {found}, {teams} workspaces"
        if hindered:
            raise Mistake(f"{seen}; it can be read, and nothing can be changed: {hindered}")
        if found in older():
            raise CaveatError(
                f"{seen}; {newest()} is needed: `likeness migrate`, or a start, goes on to that"
            )
        if found != newest():
            raise CaveatError(
                f"{seen}; it was used by a newer program than this one, which knows {newest()}"
            )
        file = file_of(self._config.database_url)
        if file is not None and file.parent != self._config.data.absolute():
            _check_closed([file], file)
        return seen

    def clock(self) -> str:
        """This machine's clock beside the database's."""
        before = datetime.now(UTC)
        try:
            theirs = self._database.now()
        except ServiceUnavailable as away:
            raise CaveatError(_NO_CLOCK) from away
        if theirs is None:
            return "the database has none of its own"
        ahead = max(before - theirs, theirs - datetime.now(UTC), timedelta(0))
        if ahead > CLOCK_DIFFERENCE_MAX:
            raise Mistake(
                f"it is {datetime.now(UTC):%F %T} here and {theirs.astimezone(UTC):%F %T} in the "
                "database (UTC); links, sessions and limits end at wrong times. Run NTP on both"
            )
        return f"within {ahead.total_seconds():.1f} s of the database's"

    def _is_new(self) -> bool:
        file, folder = file_of(self._config.database_url), self._config.data.absolute()
        if file is not None and file.parent == folder and not folder.exists():
            return True
        is_empty = file is not None and file.is_file() and not file.stat().st_size
        return is_empty or not self._database.revision()

    def _check_place(self) -> None:
        """Raise Mistake where a new file could not be made."""
        file = file_of(self._config.database_url)
        if file is not None and (hindered := obstacle(file, os.R_OK | os.W_OK)):
            raise Mistake(f"the database cannot be made: {hindered}")


def _directory_in_time(config: Config) -> Check:
    """The check of the directory, in a thread with a loop of its own: its client waits for 10 s."""
    silence = Mistake(
        f"{config.ldap_url} has not answered for {ANSWER_TIMEOUT_S} s; look at LIKENESS_LDAP_URL, "
        "and whether the server runs"
    )
    return in_time(aside(run, partial(_directory, config)), silence)


async def _directory(config: Config) -> str:
    """The directory of the settings, that it can be reached, and that its account may sign in."""
    # Few have a directory.
    from likeness.app.directory import open_connection  # noqa: PLC0415 - see above

    async with open_connection(config):
        return f"{config.ldap_url} lets {config.ldap_bind_dn or 'a stranger'} in"


def _store(config: Config) -> str:
    place, url = parse(config.blobs_url), config.blobs_url
    if isinstance(place, Path):
        if hindered := obstacle(place, os.R_OK | os.W_OK):
            raise Mistake(f"{url}: {hindered}")
        if not place.exists():
            raise CaveatError(f"there is no {place} yet; the first start makes it")
    _use(open_blobs(url, create=False))
    if isinstance(place, Path) and place.parent != config.data.absolute():
        _check_closed([place])
        return f"{url}{_shared(place)}"
    return url


def _silent_store(config: Config) -> Mistake:
    return Mistake(
        f"{config.blobs_url} has not answered for {ANSWER_TIMEOUT_S} s; look whether it runs, "
        "and at its address in LIKENESS_BLOBS"
    )


def _use(blobs: BlobStore) -> None:
    """Do once what is done with photos. Raises Mistake or ServiceUnavailable where it fails."""
    # Named as prepared pictures are, so that a sweep takes what a killed doctor leaves.
    key, value = f"staged/{token_hex(16)}.bin", token_bytes(64)
    blobs.put({key: value})
    try:
        if blobs.get(key) != value or key not in {blob.key for blob in blobs.keys("staged")}:
            raise Mistake("it does not give back what it was given; look for what stands between")
    finally:
        blobs.delete([key])
    if blobs.get(key) is not None:
        raise Mistake("it keeps what is deleted; let the key delete objects there")
