"""The address of a mail server."""

import pytest

from likeness.mail.server_url import MailServer, parse
from likeness.model import Secret


def test_each_scheme_has_its_port() -> None:
    """587 is for letters of programs that sign in, 465 the same with TLS from the first byte."""
    assert parse("smtp://mail.example.org") == MailServer("mail.example.org", 587, is_tls=False)
    assert parse("smtps://mail.example.org") == MailServer("mail.example.org", 465, is_tls=True)
    assert parse("smtp://127.0.0.1:2525/").port == 2525


def test_a_name_and_a_password_may_have_any_characters() -> None:
    """As URLs write them."""
    server = parse("smtp://ada%40example.org:open%2Fsesame@[::1]:25")

    assert (server.user, server.host, server.port) == ("ada@example.org", "::1", 25)
    assert server.password == Secret("open/sesame")
    assert "sesame" not in repr(server)


@pytest.mark.parametrize(
    "url",
    ["mail.example.org", "http://x", "smtp://", "smtp://x:70000", "smtp://x/y", "smtp://x?tls=no"],
)
def test_what_is_none_is_refused(url: str) -> None:
    """With what is allowed."""
    with pytest.raises(ValueError, match="smtp://USER:PASSWORD@HOST:PORT"):
        parse(url)
