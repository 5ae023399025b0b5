"""Which addresses are one client's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.server.subscriber import subscriber


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::2", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("@unix", "@unix"),
    ],
)
def test_a_client_is_known_by_what_its_addresses_share(address: str, same: str) -> None:
    """Of IPv6 the first half, which is what a provider gives somebody."""
    assert same == subscriber(address)


@given(st.text(max_size=60))
def test_any_text_is_somebody(text: str) -> None:
    """And the same one each time."""
    assert subscriber(text) == subscriber(text)
