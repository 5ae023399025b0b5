"""Signing in: which settings need each other."""

import pytest

from likeness.config import load
from likeness.errors import UnusableSettings


def test_a_provider_needs_to_know_us_and_a_header_somebody_to_trust() -> None:
    """Each half of a pair alone is a mistake, and says which other one is missing."""
    halves = {"LIKENESS_OIDC_ISSUER": "https://id.example", "LIKENESS_PROXY_USER_HEADER": "X-User"}

    with pytest.raises(UnusableSettings) as caught:
        load(halves)

    for name in ("LIKENESS_OIDC_CLIENT_ID", "LIKENESS_PROXY_ADDRESSES", *halves):
        assert name in str(caught.value)
