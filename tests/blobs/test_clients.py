"""Clients of buckets: how long they wait at most, and what they need."""

import pytest
from obstore.store import AzureStore, S3Store

from likeness.blobs.address import Bucket
from likeness.blobs.clients import (
    CONNECT_TIMEOUT_S,
    RETRY_TIMEOUT_S,
    SILENCE_TIMEOUT_S,
    TRANSFER_TIMEOUT_S,
    open_client,
)
from likeness.config import load
from likeness.errors import Mistake


@pytest.mark.parametrize(
    "bucket",
    [
        Bucket("s3", "photos", "a/b", {"endpoint": "http://127.0.0.1:1", "region": "eu-1"}),
        Bucket("s3", "photos", "", {}),
        Bucket("az", "photos", "", {"account": "acme", "endpoint": "http://127.0.0.1:1/acme"}),
    ],
    ids=lambda bucket: bucket.scheme,
)
def test_opening_a_client_asks_nobody(bucket: Bucket) -> None:
    """A start needs no bucket."""
    client = open_client(bucket)

    assert isinstance(client, S3Store | AzureStore)
    assert client.prefix == (bucket.prefix or None)


def test_half_of_the_credentials_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure needs an account; the message says where that belongs."""
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)

    with pytest.raises(Mistake, match=r"docs/storage\.md"):
        open_client(Bucket("az", "photos", "", {}))


def test_a_store_that_hangs_is_given_up_in_time() -> None:
    """Long before the request that waits for it."""
    deadline_s = load({}).request_timeout_s

    assert CONNECT_TIMEOUT_S < SILENCE_TIMEOUT_S
    assert RETRY_TIMEOUT_S + SILENCE_TIMEOUT_S <= 5
    assert RETRY_TIMEOUT_S + TRANSFER_TIMEOUT_S < deadline_s
