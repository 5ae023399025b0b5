"""When a connection has to be protected before anything is said."""

import pytest

from likeness.directory.address import parse
from likeness.directory.port import (
    ENTRIES_MAX,
    PAGE_ENTRIES,
    PAGES_MAX,
    DirectoryError,
    Fault,
    Server,
)


@pytest.mark.parametrize(
    ("url", "ca_file", "expected"),
    [
        ("ldap://ldap.example.org", "", True),
        ("ldap://192.0.2.1", "", True),
        ("ldap://localhost", "", False),
        ("ldap://localhost", "/etc/ca.pem", True),
        ("ldaps://ldap.example.org", "", False),
    ],
)
def test_nothing_is_said_in_the_open_beyond_this_machine(
    url: str, ca_file: str, *, expected: bool
) -> None:
    assert Server(parse(url), "dc=x", "(mail=*)", ca_file=ca_file).starts_tls is expected


def test_there_are_pages_enough_for_all_entries() -> None:
    assert PAGES_MAX * PAGE_ENTRIES >= ENTRIES_MAX


def test_an_error_says_what_happened_and_what_to_do() -> None:
    """Who has settings of their own wants the first half."""
    whole = DirectoryError("it is away; set LIKENESS_LDAP_URL", Fault.RIGHTS, "it is away")

    assert (str(whole), whole.reason) == ("it is away; set LIKENESS_LDAP_URL", "it is away")
    assert (DirectoryError("it is away").reason, whole.fault) == ("it is away", Fault.RIGHTS)


def test_any_address_may_be_asked_unless_somebody_says_which() -> None:
    assert Server(parse("ldap://192.0.2.1"), "dc=x", "(mail=*)").may_be_asked("192.0.2.1")
