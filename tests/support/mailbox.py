"""A real mail server on loopback that keeps what it is given, and refuses whom a test says."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from support.patience import PATIENCE_S, wait_until


@dataclass
class Mailbox:
    """What came, where it listens, and what it answers to a recipient."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    is_tls: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is, for the service's settings."""
        return f"smtp://127.0.0.1:{self.port}"

    def text(self, number: int = -1) -> str:
        """What a letter says, which has come or will soon; the newest unless it is said which."""
        wait_until(lambda: len(self.letters) > max(number, 0))
        return str(self.letters[number].get_content())

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Take a letter for somebody, or answer as the test says."""
        envelope.rcpt_tos.append(address)
        return self.answers.get(address, "250 OK")

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a letter."""
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        assert server.transport
        self.is_tls.append(server.transport.get_extra_info("sslcontext") is not None)
        self.letters.append(letter)
        return "250 OK"

    def judged(self, *_: Any) -> AuthResult:
        """Believe whoever has the password."""
        data = _[-1]
        assert isinstance(data, LoginPassword)
        self.users.append(data.login.decode())
        return AuthResult(success=data.password == b"open-sesame", handled=False)


@contextmanager
def mailbox(
    tls: ssl.SSLContext | None = None, *, from_the_first_byte: bool = False
) -> Iterator[Mailbox]:
    """A running one, with TLS by STARTTLS or from the first byte where a certificate is given."""
    box = Mailbox()
    options: dict[str, Any] = {"decode_data": False, "enable_SMTPUTF8": True}
    if tls and not from_the_first_byte:
        options |= {"tls_context": tls, "require_starttls": True}
    if tls:
        options |= {"authenticator": box.judged, "auth_require_tls": not from_the_first_byte}
    served = _Served(partial(SMTP, box, **options), tls if from_the_first_byte else None)
    served.start()
    assert served.is_ready.wait(PATIENCE_S)
    box.port = served.port
    try:
        yield box
    finally:
        served.stop()


class _Served(Thread):
    """An event loop of its own, so that a test may wait without one."""

    def __init__(self, protocol: Callable[[], SMTP], tls: ssl.SSLContext | None) -> None:
        super().__init__(name="mailbox")
        self._protocol = protocol
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._is_over = asyncio.Event()
        self._protocols: list[SMTP] = []
        self.is_ready = Event()
        self.port = 0

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    def stop(self) -> None:
        """End it, with all connections."""
        self._loop.call_soon_threadsafe(self._is_over.set)
        self.join(PATIENCE_S)

    def _begun(self) -> SMTP:
        self._protocols.append(self._protocol())
        return self._protocols[-1]

    async def _serve(self) -> None:
        server = await self._loop.create_server(self._begun, "127.0.0.1", 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        self.is_ready.set()
        await self._is_over.wait()
        server.close()
        for protocol in self._protocols:
            if isinstance(protocol.transport, asyncio.WriteTransport):
                protocol.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
