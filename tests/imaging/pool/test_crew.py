"""Which worker is next, and that none meets pictures of two workspaces."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from likeness.imaging.pool.crew import Crew
from likeness.imaging.pool.spawner import Spawner
from likeness.imaging.sandbox import Mode

ACME, GLOBEX, HOOLI = "T1", "T2", "T3"


@contextmanager
def crew_of(count: int) -> Iterator[Crew]:
    """So many slots, each with a real worker that has met nobody."""
    spawner = Spawner(Mode.AUTO)
    crew = Crew(spawner, [None] * count)
    try:
        crew.fill()
        yield crew
    finally:
        crew.empty()
        spawner.close()


def met(crew: Crew, team_id: str) -> int:
    """The process that a picture of a workspace would be sent to now."""
    with crew.slot(team_id) as slot:
        return slot.ready_for(team_id).pid


def pids(crew: Crew) -> list[int]:
    """The processes in the slots."""
    return [slot.handle.pid for slot in crew.slots if slot.handle]


def test_a_worker_stays_with_its_workspace() -> None:
    """It is replaced before it would meet another one, each time."""
    with crew_of(1) as crew:
        served = [met(crew, team_id) for team_id in (ACME, ACME, GLOBEX, GLOBEX, ACME)]

        assert served[0] == served[1] != served[2] == served[3] != served[4]
        assert served[0] != served[4]
        assert pids(crew) == served[-1:]


def test_the_worker_that_met_a_workspace_is_preferred() -> None:
    """Wherever it stands; two workspaces on two workers replace nobody."""
    with crew_of(2) as crew:
        before = set(pids(crew))
        served = [met(crew, team_id) for team_id in (ACME, GLOBEX, ACME, GLOBEX, GLOBEX, ACME)]

        assert set(served) == before
        assert served[0] == served[2] == served[5]
        assert served[1] == served[3] == served[4]


def test_who_rested_longest_makes_room() -> None:
    """A third workspace takes the place of the one that was served before the other."""
    with crew_of(2) as crew:
        acme, globex = met(crew, ACME), met(crew, GLOBEX)

        assert met(crew, HOOLI) not in {acme, globex}
        assert met(crew, GLOBEX) == globex
        assert met(crew, ACME) != acme


def test_a_slot_is_used_by_one_at_a_time() -> None:
    """A slot without a worker is taken for one that has met nobody; those at work are let be."""
    with crew_of(2) as crew, ExitStack() as at_work:
        crew.empty()
        first = at_work.enter_context(crew.slot(ACME))
        first.ready_for(ACME)
        second = at_work.enter_context(crew.slot(ACME))
        crew.fill()

        assert second is not first
        assert second.handle is None
        at_work.close()
        crew.fill()
        assert len(set(pids(crew))) == 2
        crew.empty()
        assert pids(crew) == []
        assert {slot.team_id for slot in crew.slots} == {None}
