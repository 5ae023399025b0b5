"""The rule about skips: in CI only what needs other people's files may be left out."""

from pathlib import Path

import pytest

import conftest
from support.shared_corpus import SHARED_IS_ABSENT


@pytest.mark.parametrize("is_there", [False, True])
def test_only_the_absent_corpus_may_be_skipped_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    """And only where it is absent: another reason hides a machine that lacks something."""
    monkeypatch.setattr(conftest, "SHARED", tmp_path if is_there else tmp_path / "nothing")

    assert conftest.is_unavoidable(f"Skipped: {SHARED_IS_ABSENT}") is not is_there
    assert not conftest.is_unavoidable("Skipped: no Node on this machine")
