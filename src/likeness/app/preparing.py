"""What has to be so before anything is served: tables up to date, one secret key for all."""

import time
from contextlib import closing
from typing import Final

import structlog

from likeness.app.secret import change_key, check_key, digest_key
from likeness.config import Config
from likeness.db import Database, open_database
from likeness.errors import ServiceUnavailable

PATIENCE_S: Final = 60.0
"""How long a start waits for a database that is away, as when a whole machine comes up."""

_RETRY_INTERVAL_S: Final = 0.5

_log = structlog.get_logger()


def prepare(database: Database, key: bytes) -> None:
    """Bring the tables up to date, and see that all processes have the same secret key.

    Waits for a database that is away; raises ServiceUnavailable after PATIENCE_S. Raises Mistake
    where the key is another one.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            database.migrate()
            check_key(database, key)
        except ServiceUnavailable as error:
            if time.monotonic() > deadline:
                raise
            _log.warning("waiting_for_the_database", reason=str(error))
            time.sleep(_RETRY_INTERVAL_S)
        else:
            return


def prepare_alone(config: Config, *, new_key: bool = False) -> None:
    """Prepare and leave nothing behind, no connection and no thread: a fork may follow.

    With `new_key` the key as configured is that of the installation from now on.
    """
    if config.has_folder:
        config.data.mkdir(parents=True, exist_ok=True)
    key = digest_key(config)
    with closing(open_database(config.database_url)) as database:
        if new_key:
            database.migrate()
            change_key(database, key)
        prepare(database, key)
