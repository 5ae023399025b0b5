"""The address of a mail server, as a setting has it."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from likeness.model import Secret

_PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed over. `is_tls`: from the first byte, else by STARTTLS.

    `user` is "" where the server takes letters without a password.
    """

    host: str
    port: int
    is_tls: bool
    user: str = ""
    password: Secret = Secret("")  # noqa: RUF009 - a frozen value


def parse(url: str) -> MailServer:
    """`smtp://USER:PASSWORD@HOST:PORT`, or `smtps://` for TLS from the first byte.

    Raises ValueError, which does not repeat the password.

    >>> parse("smtp://mail.example.org").port
    587
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or parts.scheme not in _PORTS or parts.path.strip("/") or parts.query:
        raise ValueError("is no address of a mail server; write smtp://USER:PASSWORD@HOST:PORT")
    return MailServer(
        host,
        port or _PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=Secret(unquote(parts.password or "")),
    )
