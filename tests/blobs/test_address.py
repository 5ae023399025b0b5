"""Stores by their URL."""

from pathlib import Path

import pytest

from likeness.blobs import open_blobs
from likeness.blobs.address import Bucket, parse


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///srv/blobs", Path("/srv/blobs")),
        ("file:///srv/my%20blobs", Path("/srv/my blobs")),
        ("s3://photos", Bucket("s3", "photos", "", {})),
        ("s3://photos/", Bucket("s3", "photos", "", {})),
        ("s3://photos/a/b/", Bucket("s3", "photos", "a/b", {})),
        ("gs://photos/likeness", Bucket("gs", "photos", "likeness", {})),
        ("az://photos?account=acme", Bucket("az", "photos", "", {"account": "acme"})),
        (
            "s3://photos/x?endpoint=http%3A%2F%2F127.0.0.1%3A7480&region=eu-1",
            Bucket("s3", "photos", "x", {"endpoint": "http://127.0.0.1:7480", "region": "eu-1"}),
        ),
    ],
)
def test_a_url_names_a_folder_or_a_bucket(url: str, expected: Path | Bucket) -> None:
    """With its prefix, and where it is."""
    assert expected == parse(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "/srv/blobs", "blobs", "file:", "file:blobs", "file://", "file://blobs"),
        *("file://localhost/srv/blobs", "https://example.org/photos", "sqlite:////srv/blobs"),
        *("s3:", "s3://", "s3:///photos", "s3://photos#x"),
    ],
)
def test_a_wrong_url_is_no_store(url: str) -> None:
    """The message shows what to write."""
    with pytest.raises(ValueError, match=r"is no blob store; write file:///ABSOLUTE/PATH"):
        open_blobs(url)


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:open-sesame@photos/x",
        "s3://photos:open-sesame/x",
        "s3://photos/x?secret_access_key=open-sesame",
        "s3://photos/x?endpoint=https://key:open-sesame@s3.example",
        "s3://photos/x?endpoint=open-sesame",
        "gs://photos/x?region=open-sesame",
    ],
)
def test_credentials_are_no_part_of_a_url(url: str) -> None:
    """They would be printed; so the refusal does not repeat them either."""
    with pytest.raises(ValueError, match="environment") as caught:
        parse(url)

    assert "open-sesame" not in str(caught.value)
