"""Watching: what keeps figures from strangers."""

import pytest

from likeness.config import load
from likeness.errors import UnusableSettings


def test_a_token_for_figures_is_hard_to_guess() -> None:
    """The mistake does not repeat it."""
    with pytest.raises(
        UnusableSettings, match=r"LIKENESS_METRICS_TOKEN: .*16 characters"
    ) as caught:
        load({"LIKENESS_METRICS_TOKEN": "open-sesame"})

    assert "open-sesame" not in str(caught.value)
    assert load({}).metrics == "loopback"
    right = load({"LIKENESS_METRICS_TOKEN": "0123456789abcdef"})
    assert "0123456789abcdef" not in repr(right)
