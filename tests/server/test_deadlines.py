"""Each state of a connection has an end."""

from likeness.server.deadlines import DEADLINES, TAKEN_LENGTH_MIN, TAKING_S, Phase
from likeness.server.wire import IDLE_S


def test_every_phase_ends() -> None:
    """By a deadline of its own, or, where we are at work, by what the application bounds."""
    assert {Phase.ANSWER, Phase.CLOSING} == set(Phase) - set(DEADLINES)
    assert IDLE_S == DEADLINES[Phase.IDLE]
    assert 0 < TAKEN_LENGTH_MIN / TAKING_S < 1000
