"""Failures of buckets, explained with their remedy.

A client's errors are long, and some have signed URLs in them. Only the status, the code and our
explanation are shown.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from obstore.exceptions import BaseError

from likeness.errors import ServiceUnavailable

_STATUS: Final = re.compile(r"status code: (\d{3})|Status \{\s+status: (\d{3})")
_CODE: Final = re.compile(r"<Code>([A-Za-z0-9_.-]{1,64})</Code>")

_MISSING_KEY: Final = frozenset({"NoSuchKey", "BlobNotFound"})
_MISSING_AMONG_MANY: Final = "The specified blob does not exist."
"""Azure's message for one missing blob of a batch, without a code."""

_MISSING_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound"})

FAILURES: Final = (BaseError, OSError)
"""The exceptions of obstore: its own, FileNotFoundError, and others of the system."""

_METADATA: Final = ("169.254.169.254", "169.254.170.2", "metadata.google.internal")
"""Where machines of AWS, Azure and Google learn of their role. It is asked when the environment has
no credentials, so that any failure there, a refusal included, means that there are none."""

_SILENT: Final = ("timed out", "Timeout", "deadline")

_CREATE: Final = "the bucket that LIKENESS_BLOBS names does not exist; create it, or correct it"
_REFUSED: Final = (
    "it refuses us; check its key and secret, and that they may get, put, delete and list there"
)
_NO_CREDENTIALS: Final = "no credentials were found; docs/storage.md says where they belong"
_ENDPOINT: Final = "what answered is no such store; check the endpoint"
_AWAY: Final = "it cannot be reached; check its address, and that it runs"
_HANGS: Final = "it does not answer in time"
_ILL: Final = "it has a failure of its own"


@contextmanager
def outage_named() -> Iterator[None]:
    """Turn errors of a bucket into ServiceUnavailable."""
    try:
        yield
    except FAILURES as error:
        # The text of the client's error may have a signed address in it, which no log may show.
        raise unavailable(_explain(str(error))) from None


def is_missing_key(error: BaseException) -> bool:
    """Whether the store itself reports a missing key, and not only "404".

    A 404 may also come from a bucket that is gone, or from something that is no store: taken for a
    missing photo it would stay in every cache in front of us.
    """
    code = _CODE.search(str(error))
    return code[1] in _MISSING_KEY if code else _MISSING_AMONG_MANY in str(error)


def unavailable(reason: str) -> ServiceUnavailable:
    """The refusal, with a reason in words."""
    return ServiceUnavailable(
        f"the photo store cannot be used now ({reason}); nothing was changed, try again"
    )


def _explain(text: str) -> str:
    if any(address in text for address in _METADATA):
        return _NO_CREDENTIALS
    found = _STATUS.search(text)
    if not found:
        return _explain_silence(text)
    status = found[1] or found[2]
    code = _CODE.search(text)
    seen = f"{status} {code[1]}" if code else status
    return f"{_meaning(int(status), code[1] if code else '')}: {seen}"


def _meaning(status: int, code: str) -> str:
    if code in _MISSING_BUCKET:
        return _CREATE
    if status in {401, 403}:
        return _REFUSED
    return _ILL if status >= 500 else _ENDPOINT  # noqa: PLR2004 - the classes of RFC 9110.


def _explain_silence(text: str) -> str:
    if "redentials" in text:
        return _NO_CREDENTIALS
    return _HANGS if any(word in text for word in _SILENT) else _AWAY
