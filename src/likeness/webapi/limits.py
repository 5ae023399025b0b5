"""The limits of requests: time and bytes, of each and of all together."""

from dataclasses import dataclass
from typing import Final

from likeness.webapi.budget import Shares
from likeness.webapi.content_type import JSON, MULTIPART, URLENCODED
from likeness.webapi.json_object import JSON_LENGTH_MAX
from likeness.webapi.method import Method
from likeness.webapi.multipart import FIELD_LENGTH_MAX

FIELDS_LENGTH_MAX: Final = 4 * FIELD_LENGTH_MAX
"""Everything in a request that is not the picture, 256 KiB: as long as four fields may be.

Calls of clients have some hundred bytes. To echo as much, as api.test does, takes 5 ms.
"""

URLENCODED_FACTOR: Final = 3
"""Percent-encoding makes up to three bytes of one."""

PERSON_PART: Final = 4
"""One person holds no more than a quarter of the bytes that all may hold."""

ADDRESS_PART: Final = 16
"""Strangers at one address hold no more than a sixteenth, and all strangers an eighth."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The limits of one request, of its picture, and of all bodies in memory together.

    Each field is the setting of its name.
    """

    request_timeout_s: float = 30.0
    image_bytes_max: int = 10 * 2**20
    prepared_bytes_max: int = 32 * 2**20
    request_buffer_bytes_max: int = 256 * 2**20

    def upload_length_max(self, method: Method) -> int:
        """The longest picture that a method takes, in bytes; 0 when it takes none."""
        if not method.takes_upload:
            return 0
        return self.prepared_bytes_max if method.is_extension else self.image_bytes_max

    def body_length_max(self, media: str, upload_length_max: int) -> int:
        """The longest body of a media type for a picture of at most so many bytes.

        Percent-encoded pictures may be as long as those of users.setPhoto; JSON has none.
        """
        if media == JSON:
            return JSON_LENGTH_MAX
        if media == URLENCODED:
            encoded_max = min(upload_length_max, self.image_bytes_max)
            return FIELDS_LENGTH_MAX + URLENCODED_FACTOR * encoded_max
        return FIELDS_LENGTH_MAX + upload_length_max

    @property
    def shares(self) -> Shares:
        """The shares of `request_buffer_bytes_max`; each is enough for an upload.

        A person's is enough for the longest picture twice, since the page sends what its form
        brings on to a method; a stranger's for the longest multipart call of users.setPhoto.
        """
        longest = max(self.image_bytes_max, self.prepared_bytes_max)
        call_length_max = self.body_length_max(MULTIPART, self.image_bytes_max)
        address = max(self.request_buffer_bytes_max // ADDRESS_PART, call_length_max)
        return Shares(
            whole=self.request_buffer_bytes_max,
            person=max(self.request_buffer_bytes_max // PERSON_PART, 2 * longest),
            strangers=2 * address,
            address=address,
        )
