"""Signals as something to wait for."""

import os
import select
import signal

from likeness.server.signals import heard, unheard


def test_signals_are_heard_instead_of_obeyed() -> None:
    """Until the context is left; one that came twice came."""
    before = signal.getsignal(signal.SIGUSR1)
    with heard({signal.SIGUSR1, signal.SIGUSR2}) as signals:
        assert set() == signals.take()
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGUSR1)

        assert select.select([signals.source], [], [], 30)[0]
        assert signals.has({signal.SIGUSR1})
        assert not signals.has({signal.SIGUSR2})
        assert {signal.SIGUSR1} == signals.take()
        assert not signals.has({signal.SIGUSR1})

    assert before == signal.getsignal(signal.SIGUSR1)


def test_a_fork_is_killed_by_them_again() -> None:
    """As it would be by default."""
    with heard({signal.SIGUSR1}):
        child = os.fork()
        if child == 0:
            unheard({signal.SIGUSR1})
            os.kill(os.getpid(), signal.SIGUSR1)
            os._exit(0)
        assert -signal.SIGUSR1 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
