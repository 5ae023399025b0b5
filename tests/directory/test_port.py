"""When a connection has to be protected before anything is said."""

import pytest

from likeness.directory.address import parse
from likeness.directory.port import ENTRIES_MAX, PAGE_ENTRIES, PAGES_MAX, Server


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
