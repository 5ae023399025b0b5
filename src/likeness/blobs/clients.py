"""Clients of buckets: how long they wait, how often they try, and where they look for credentials.

A URL says where a bucket is. Everything else comes from the environment, by the names that the
provider's own tools use, which obstore knows.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import obstore.store
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from likeness.blobs.address import Bucket
from likeness.errors import Mistake

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

CONNECT_TIMEOUT_S: Final = 0.5
"""Within one data centre a connection takes a millisecond, between neighbours some tens."""

SILENCE_TIMEOUT_S: Final = 2.0
"""How long a store may say nothing. The slowest answer to a small object that we saw from a store
under load took 0.4 s."""

RETRY_TIMEOUT_S: Final = 3.0
"""After this long nothing is tried again. The last try begins before and is silent for
SILENCE_TIMEOUT_S at most: a store that hangs is given up within 3 + 2 = 5 s."""

_RETRIES_MAX: Final = 2
_PAUSE_MIN_S: Final = 0.05
_PAUSE_MAX_S: Final = 1.0

TRANSFER_TIMEOUT_S: Final = 20.0
"""How long one transfer may take while bytes still flow: 32 MiB, the longest value of all, at
13 Mbit/s. A try that is given up is long over before a request's deadline of 30 s."""

LARGE_LENGTH_MIN: Final = 2**20
"""A store is silent while it takes a value in. One of this many bytes passes within
SILENCE_TIMEOUT_S at 4 Mbit/s; longer ones get TRANSFER_TIMEOUT_S."""

_STORES: Final[dict[str, Callable[..., ObjectStore]]] = {
    "s3": obstore.store.S3Store,
    "gs": obstore.store.GCSStore,
    "az": obstore.store.AzureStore,
}

_CONFIG_NAMES: Final = {"account": "account_name"}
"""obstore's names of our options, where they differ."""


def open_client(bucket: Bucket, silence_timeout_s: float = SILENCE_TIMEOUT_S) -> ObjectStore:
    """A client of the bucket, which connects when it is first used.

    Raises Mistake where the environment has only half of a credential.
    """
    try:
        return _STORES[bucket.scheme](
            bucket.name,
            prefix=bucket.prefix or None,
            config={_CONFIG_NAMES.get(name, name): text for name, text in bucket.options.items()},
            client_options=_client(silence_timeout_s),
            retry_config=_retries(),
        )
    except BaseError as error:
        reason = str(error).partition("\n")[0]
        raise Mistake(
            f"the client of {bucket.scheme}://{bucket.name} cannot be made: {reason}; "
            "docs/storage.md says which variables it needs"
        ) from None


def _client(silence_timeout_s: float) -> "ClientConfig":
    return {
        # The scheme of an endpoint decides; without one it is always https.
        "allow_http": True,
        "connect_timeout": timedelta(seconds=CONNECT_TIMEOUT_S),
        "read_timeout": timedelta(seconds=silence_timeout_s),
        "timeout": timedelta(seconds=TRANSFER_TIMEOUT_S),
    }


def _retries() -> "RetryConfig":
    return {
        "max_retries": _RETRIES_MAX,
        "retry_timeout": timedelta(seconds=RETRY_TIMEOUT_S),
        "backoff": {
            "init_backoff": timedelta(seconds=_PAUSE_MIN_S),
            "max_backoff": timedelta(seconds=_PAUSE_MAX_S),
            "base": 2,
        },
    }
