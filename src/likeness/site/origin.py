"""The host name of a request, and the check that a form came from our own page.

Browsers tell both, and no page of anybody else's can make them say otherwise.
"""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from likeness.email_address import normal_domain
from likeness.errors import NotAdmitted

_OURS: Final = "same-origin"
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine. No other site has one of these names in a browser."""

_HOST: Final = re.compile(r"(?:\[(?P<number>[0-9a-fA-F:.]+)\]|(?P<name>[^\s:/?#@\[\]]+))(?::\d*)?")
_SHOWN_LENGTH: Final = 100


class OwnOrigin:
    """The origin of the public URL, such as `https://photos.example.org`.

    Where it is one of this machine's own names, any of them will do.
    """

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._text = f"{parts.scheme}://{parts.netloc}"
        self.is_https: Final = parts.scheme == "https"
        name = normal_domain(parts.hostname or "")
        self._names = _HERE | {name} if _is_here(name) else {name}

    def check(self, request: Request) -> None:
        """Raise NotAdmitted unless the browser reports that a page of ours sent this.

        Browsers say it in `Sec-Fetch-Site`, which no page can set, where they trust the connection,
        and in `Origin` everywhere. A client that sends neither is no browser, and has the API.
        """
        site = request.headers.get("sec-fetch-site")
        is_ours = site == _OURS if site else request.headers.get("origin") == self._text
        if not is_ours:
            raise NotAdmitted(
                f"This form did not come from a page of {self._text}. Open that address and try "
                "again; whoever runs this service may have set another public address."
            )
        self.check_host(request)

    def check_host(self, request: Request) -> None:
        """Raise NotAdmitted unless the browser used our host name; the port is ignored.

        A page of another name may lead browsers here after they have loaded it (DNS rebinding), and
        then reads our answers. Many proxies leave the port out, and it would add nothing.
        """
        if _name_of(request) in self._names:
            return
        said = request.headers.getlist("host")
        raise NotAdmitted(
            f"You came here by the name {', '.join(said)[:_SHOWN_LENGTH]!r}, and this page is at "
            f"{self._text}. Open that address. A proxy in between has to hand on the name that was "
            "asked for, in the header Host."
        )


def is_named_here(request: Request) -> bool:
    """Whether it was asked for by one of this machine's own names."""
    return _name_of(request) in _HERE


def _name_of(request: Request) -> str | None:
    """The name that was asked for, in normal form, without brackets and port; None for no one."""
    said = request.headers.getlist("host")
    match = _HOST.fullmatch(said[0]) if len(said) == 1 else None
    return normal_domain(match["number"] or match["name"]) if match else None


def _is_here(name: str) -> bool:
    """Whether it is a name of this machine, or stands for all addresses that it has."""
    if name in {"", "localhost"}:
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
