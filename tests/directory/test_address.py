"""Where a directory is, and how it is spoken to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.directory.address import Address, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ldaps://ldap.example.org", Address("ldap.example.org", 636, is_tls=True)),
        ("LDAP://Ldap.Example.org/", Address("ldap.example.org", 389, is_tls=False)),
        ("ldap://127.0.0.1:3890", Address("127.0.0.1", 3890, is_tls=False)),
        ("ldaps://[2001:db8::1]:6360", Address("2001:db8::1", 6360, is_tls=True)),
    ],
)
def test_a_url_is_a_host_and_a_port(text: str, expected: Address) -> None:
    assert parse(text) == expected
    assert parse(str(expected)) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://example.org", "ldaps://"),
        ("ldap.example.org", "ldaps://"),
        ("ldapi:///run/ldapi", "ldaps://"),
        ("ldap://ada:secret@example.org", "LIKENESS_LDAP_BIND_DN"),
        ("ldap://example.org/dc=example", "LIKENESS_LDAP_BASE"),
        ("ldap://example.org?mail", "LIKENESS_LDAP_BASE"),
        ("ldap://example.org#", "LIKENESS_LDAP_BASE"),
        ("ldap://", "no host"),
        ("ldap://example.org:0x1", "no host"),
        ("ldap://[::1", "no host"),
        ("ldap://exa mple.org", "a space"),
        ("ldap://example.org\\", "backslash"),
        ("ldap://ex*mple.org", "no host"),
        ("ldap://example.org:0", "no host"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str, words: str) -> None:
    """And is not repeated: a password may stand in it."""
    with pytest.raises(ValueError, match=words) as caught:
        parse(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost.example.org", False),
        ("192.0.2.1", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, *, expected: bool) -> None:
    assert Address(host, 389, is_tls=False).is_loopback is expected


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for each in (text, f"ldap://{text}"):
        try:
            assert parse(each).port > 0
        except ValueError:
            continue
