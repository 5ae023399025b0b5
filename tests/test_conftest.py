"""What is skipped: in CI only what needs other people's files may be; elsewhere it is told."""

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


def test_what_was_left_out_is_told_with_how_to_run_it() -> None:
    """Also where several processes ran, of which only each knows what it left out."""
    skipped, slow = conftest.left_out(2, 3, "not slow")

    assert (".ci/run" in skipped, "-m slow" in slow) == (True, True)
    assert (skipped[:2], slow[:2]) == ("2 ", "3 ")
    assert conftest.left_out(0, None, "not slow") == [slow.replace("3", "the", 1)]
    assert [] == conftest.left_out(0, 0, "not slow") == conftest.left_out(0, 3, "slow")
