"""Letters by SMTP, to a real server: what arrives, and what is said where none does."""

import socket
from pathlib import Path

import pytest

from likeness.mail.port import Letter, Undelivered
from likeness.mail.server_url import MailServer, parse
from likeness.mail.smtp import SmtpMailer
from likeness.model import Secret
from support.certificates import Authority
from support.live import free_port
from support.mailbox import Mailbox, mailbox

pytestmark = pytest.mark.anyio

LETTER = Letter("ada@example.org", "Grüße", "Hello,\n\nhttps://photos.example.org/x\n")
FROM = "photos@example.org"


def plain(box: Mailbox) -> SmtpMailer:
    """A mailer for a relay on this machine."""
    return SmtpMailer(parse(box.url), FROM, is_loopback=True)


async def test_a_letter_arrives_as_it_was_written() -> None:
    """With what keeps programs from answering it."""
    with mailbox() as box:
        await plain(box).send(LETTER)

        [letter] = box.letters

    assert (letter["To"], letter["Subject"]) == ("ada@example.org", "Grüße")
    assert letter["From"] == "Likeness <photos@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"]
    assert letter["Message-ID"].endswith("@example.org>")
    assert letter.get_content().replace("\r\n", "\n") == LETTER.text


async def test_an_address_beyond_ascii_is_written_to() -> None:
    """Where the server takes such (RFC 6531)."""
    with mailbox() as box:
        await plain(box).send(Letter("адa@пример.рф", "Photo", "Hello\n"))

        assert box.letters[0]["To"] == "адa@пример.рф"


@pytest.mark.parametrize("from_the_first_byte", [False, True])
async def test_another_machine_gets_letters_and_password_by_tls_alone(
    tmp_path: Path, from_the_first_byte: bool
) -> None:
    """Its certificate is checked."""
    authority = Authority()
    tls = authority.server(tmp_path, "127.0.0.1")
    with mailbox(tls, from_the_first_byte=from_the_first_byte) as box:
        server = MailServer(
            "127.0.0.1", box.port, from_the_first_byte, "photos", Secret("open-sesame")
        )
        believed = authority.believed()
        await SmtpMailer(server, FROM, is_loopback=False, tls=believed).send(LETTER)
        with pytest.raises(Undelivered, match="cannot be used") as stranger:
            await SmtpMailer(server, FROM, is_loopback=False).send(LETTER)

        assert (box.is_tls, box.users) == ([True], ["photos"])
    assert not stranger.value.is_final


async def test_a_server_without_tls_gets_nothing_from_another_machine() -> None:
    """Not even the name of who writes."""
    with mailbox() as box:
        mailer = SmtpMailer(parse(box.url), FROM, is_loopback=False)
        with pytest.raises(Undelivered, match="STARTTLS"):
            await mailer.send(LETTER)

        assert box.letters == []


async def test_a_wrong_password_may_be_mended(tmp_path: Path) -> None:
    """And is not told."""
    authority = Authority()
    with mailbox(authority.server(tmp_path, "127.0.0.1")) as box:
        server = MailServer("127.0.0.1", box.port, False, "photos", Secret("guessed"))
        mailer = SmtpMailer(server, FROM, is_loopback=False, tls=authority.believed())
        with pytest.raises(Undelivered, match="answered 535") as failure:
            await mailer.send(LETTER)

    assert not failure.value.is_final
    assert "guessed" not in str(failure.value)


@pytest.mark.parametrize(("answer", "is_final"), [("550 unknown", True), ("451 later", False)])
async def test_a_recipient_that_is_refused_is_told_by_number(answer: str, is_final: bool) -> None:
    """The server's words may have the address in them."""
    with mailbox() as box:
        box.answers[LETTER.to] = f"{answer} <{LETTER.to}>"
        with pytest.raises(Undelivered) as failure:
            await plain(box).send(LETTER)

    assert failure.value.is_final is is_final
    assert answer[:3] in str(failure.value)
    assert "ada" not in str(failure.value)


async def test_nobody_there_is_not_final() -> None:
    """It may come up."""
    mailer = SmtpMailer(MailServer("127.0.0.1", free_port(), is_tls=False), FROM, is_loopback=True)

    with pytest.raises(Undelivered, match="cannot be used") as failure:
        await mailer.send(LETTER)

    assert not failure.value.is_final


async def test_a_server_that_never_greets_is_given_up() -> None:
    """However long it would hold the line."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer("127.0.0.1", silent.getsockname()[1], is_tls=False)
        mailer = SmtpMailer(server, FROM, is_loopback=True, timeout_s=0.2)
        with pytest.raises(Undelivered, match="cannot be used") as failure:
            await mailer.send(LETTER)

    assert not failure.value.is_final


@pytest.mark.parametrize("to", ["", "ada\nBcc: eve@example.org", "ada@example.org\r\nX: y"])
async def test_an_address_that_no_header_takes_is_final(to: str) -> None:
    """No line of anybody's gets into the head of a letter."""
    with mailbox() as box:
        with pytest.raises(Undelivered, match="cannot be written") as failure:
            await plain(box).send(Letter(to, "Photo", "Hello\n"))

        assert box.letters == []
    assert failure.value.is_final
