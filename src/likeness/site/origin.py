"""Whether a form was sent from a page of ours, or from somebody else's in a visitor's browser."""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from likeness.errors import NotAdmitted

_OURS: Final = "same-origin"


class OwnOrigin:
    """The origin of the public URL, such as `https://photos.example.org`."""

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._text = f"{parts.scheme}://{parts.netloc}"

    def check(self, request: Request) -> None:
        """Raise NotAdmitted unless the browser says that a page of ours sent this.

        Browsers say it in `Sec-Fetch-Site`, which no page can set, where they trust the connection,
        and in `Origin` everywhere. Who says neither is no browser, and has the API.
        """
        site = request.headers.get("sec-fetch-site")
        is_ours = site == _OURS if site else request.headers.get("origin") == self._text
        if not is_ours:
            raise NotAdmitted(
                f"This form did not come from a page of {self._text}. Open that address and try "
                "again; whoever runs this service may have set another public address."
            )
