"""The nouns of targets: their defaults, and bounds that others rely on."""

from likeness import elsewhere
from likeness.elsewhere import CopyState, Target
from support.rows import NOW


def test_a_target_is_of_all_workspaces_and_runs() -> None:
    target = Target("tg1", "hook", "webhook", "https://hook.example.org/", NOW)

    assert (target.team_id, target.paused_at, target.secret_from) == (None, None, None)
    assert (dict(target.options), target.generation) == ({}, 1)


def test_bounds() -> None:
    assert (elsewhere.TARGETS_MAX, elsewhere.ERROR_LENGTH_MAX) == (50, 300)
    assert elsewhere.ANSWER_LENGTH_MAX == 1000
    assert [state.value for state in CopyState] == ["due", "current", "refused", "absent"]
