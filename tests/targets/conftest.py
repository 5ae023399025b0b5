"""A receiver on loopback."""

from collections.abc import AsyncIterator

import pytest

from support.receivers import ReceivingHost, receiving_host


@pytest.fixture
async def host() -> AsyncIterator[ReceivingHost]:
    """It answers 200 to everything."""
    async with receiving_host() as running:
        yield running
