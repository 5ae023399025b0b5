"""Letters by SMTP. Beyond this machine none goes without TLS and a certificate that is believed."""

import asyncio
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate, make_msgid
from typing import Final

import aiosmtplib
from aiosmtplib.errors import (
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from likeness.mail.port import Letter, Undelivered
from likeness.mail.server_url import MailServer

TIMEOUT_S: Final = 30.0
"""For one letter: connection, greeting, TLS, password and text. Some servers take 20 s to greet."""

DETAIL_LENGTH_MAX: Final = 200
"""Characters of a reason that operators get to see."""

SENDER_NAME: Final = "Likeness"
_FINAL: Final = range(500, 600)
_NOT_BELIEVED: Final = range(530, 540)
"""Answers about our password, which operators can mend: the letter itself is well."""


class SmtpMailer:
    """Hands letters to one server. `is_loopback` is where it may be asked without TLS."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        *,
        is_loopback: bool,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._server = server
        self._sender = sender
        self._is_loopback = is_loopback
        self._tls = tls
        self._timeout_s = timeout_s

    async def send(self, letter: Letter) -> None:
        """Return when the server has taken it on. Raises Undelivered, within `timeout_s`."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._send(message_of(letter, self._sender), letter.to)
        except SMTPRecipientsRefused as refused:
            codes = [each.code for each in refused.recipients]
            raise _refused(min(codes, default=0)) from None
        except SMTPResponseException as refused:
            raise _refused(refused.code) from None
        except (SMTPException, OSError, TimeoutError) as error:
            detail = str(error)[:DETAIL_LENGTH_MAX] or type(error).__name__
            reason = f"the mail server cannot be used: {detail}"
            raise Undelivered(reason, is_final=False) from error
        except (ValueError, IndexError, MessageError) as error:
            raise Undelivered("the letter cannot be written", is_final=True) from error

    async def _send(self, message: EmailMessage, to: str) -> None:
        server = self._server
        await aiosmtplib.send(
            message,
            sender=self._sender,
            recipients=[to],
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password.reveal() or None,
            use_tls=server.is_tls,
            # A relay on this machine seldom has a certificate that anybody would believe.
            start_tls=not (server.is_tls or self._is_loopback),
            tls_context=self._tls,
            timeout=self._timeout_s,
        )


def message_of(letter: Letter, sender: str) -> EmailMessage:
    """A letter as it goes over the wire. Raises ValueError for an address that no header takes."""
    is_ascii = f"{letter.to}{sender}".isascii()
    message = EmailMessage(SMTP if is_ascii else SMTPUTF8)
    message["From"] = Address(SENDER_NAME, addr_spec=sender) if is_ascii else sender
    # Python's own addresses have no letters beyond ASCII before the @.
    message["To"] = Address(addr_spec=letter.to) if is_ascii else letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    # Programs that answer for people who are away leave such letters alone (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _refused(code: int) -> Undelivered:
    """A refusal by its number; the server's own words may have the address in them."""
    is_final = code in _FINAL and code not in _NOT_BELIEVED
    return Undelivered(f"the mail server answered {code}", is_final=is_final)
