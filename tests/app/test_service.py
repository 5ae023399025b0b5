"""A service, wired from settings: what is shared, and what is bound to what."""

import os
from pathlib import Path

import pytest

from likeness.app.service import open_service
from likeness.config import load
from support.processes import own_workers
from support.studio import studio

pytestmark = pytest.mark.anyio


async def test_two_services_may_share_one_folder(tmp_path: Path) -> None:
    """The command line works beside a running server."""
    async with studio(tmp_path) as work:
        other = open_service(load({"LIKENESS_DATA": str(tmp_path)}))
        try:
            assert [team.name for team in await other.people.teams()] == ["Acme"]
            await other.people.deactivate("bob@example.org")
        finally:
            await other.close()

        assert (await work.again(work.bob)).deleted_at is not None


@pytest.mark.parametrize(("server_processes", "bound"), [("1", True), ("2", False)])
async def test_only_a_lone_server_process_binds_its_workers(
    tmp_path: Path, server_processes: str, bound: bool
) -> None:
    """Two of them could choose the same core for two workers."""
    ours = frozenset(os.sched_getaffinity(0))
    async with studio(tmp_path, workers=server_processes, picture_workers="2") as work:
        await work.service.engine.start()
        cores = {frozenset(os.sched_getaffinity(worker.pid)) for worker in own_workers()}

    assert cores == ({frozenset({core}) for core in sorted(ours)[:2]} if bound else {ours})
