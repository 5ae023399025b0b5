"""What a bucket's failure means, from the texts that real stores gave."""

import pytest
from obstore.exceptions import GenericError, PermissionDeniedError

from likeness.blobs.outage import is_missing_key, outage_named
from likeness.errors import ServiceUnavailable

_XML = "<?xml version='1.0'?><Error><Code>{}</Code><Message>open-sesame</Message></Error>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"status code: 404 Not Found: {_XML.format('NoSuchBucket')}", "does not exist; create it"),
        (f"status code: 403 Forbidden: {_XML.format('AccessDenied')}", "check its key and secret"),
        ("status code: 401 Unauthorized", "check its key and secret"),
        ("status code: 503 Service Unavailable", "has a failure of its own"),
        ("status code: 404 Not Found: a web page", "check the endpoint"),
        ("error sending request: operation timed out", "does not answer in time"),
        ("error sending request: tcp connect error", "cannot be reached"),
        ("error for url http://169.254.169.254/latest/api/token", "no credentials were found"),
        ("GET http://169.254.169.254/latest: status code: 404 Not Found", "no credentials were"),
        ("http://metadata.google.internal/x: status code: 403 Forbidden", "no credentials were"),
    ],
)
def test_a_failure_says_what_to_do(text: str, said: str) -> None:
    """And nothing of the client's own text, in which signed addresses are."""
    with pytest.raises(ServiceUnavailable, match=said) as caught, outage_named():
        raise GenericError(f"{text} https://s3.example/x?X-Amz-Signature=open-sesame")

    assert "open-sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "is_missing"),
    [("NoSuchKey", True), ("BlobNotFound", True), ("NoSuchBucket", False), ("NotFound", False)],
)
def test_only_a_store_itself_says_that_a_key_is_missing(code: str, is_missing: bool) -> None:
    """A 404 of a bucket that is gone, or of a web server, says nothing about a photo."""
    error = FileNotFoundError(f"status code: 404 Not Found: {_XML.format(code)}")

    assert is_missing == is_missing_key(error)


def test_azure_says_it_otherwise_of_one_of_many() -> None:
    """Of a container that is gone it does not."""
    text = "Bulk delete request failed for key a: The specified {} does not exist. (code: 404)"

    assert is_missing_key(FileNotFoundError(text.format("blob")))
    assert not is_missing_key(FileNotFoundError(text.format("container")))


def test_what_is_no_failure_of_a_store_is_none_of_ours() -> None:
    """A mistake of the program stays one."""
    with pytest.raises(KeyError), outage_named():
        raise KeyError("x")
    with pytest.raises(ServiceUnavailable), outage_named():
        raise PermissionDeniedError("x")
