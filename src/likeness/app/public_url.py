"""Where the service is reached: a server notes it, so that the links of verbs lead there too.

A verb is often typed in a shell that lacks the server's settings.
"""

from dataclasses import replace
from typing import Final

from likeness.app.service import Service
from likeness.config import Config
from likeness.db import Database
from likeness.errors import ServiceUnavailable
from likeness.log import Log

_NAME: Final = "public_url"
_SAYING_WHERE: Final = frozenset({"public_url", "host", "port"})

_log = Log(__name__)


def note_public_url(database: Database, config: Config) -> None:
    """Keep where this server says it is reached. A database that takes no changes is left alone."""
    try:
        if database.fact(_NAME) != config.base_url:
            database.note(_NAME, config.base_url)
    except ServiceUnavailable as refusal:
        _log.warning("public_url_not_noted", reason=refusal.reason)


def at_its_public_url(service: Service) -> Service:
    """The service of a verb whose own settings do not say where it is reached: where a server is.

    Raises ServiceUnavailable.
    """
    if _SAYING_WHERE & service.config.model_fields_set:
        return service
    noted = service.database.fact(_NAME)
    if noted is None:
        return service
    return replace(service, config=service.config.model_copy(update={"public_url": noted}))
