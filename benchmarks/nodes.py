"""The claim: on PostgreSQL and a bucket a photo costs at most 1.5 times the CPU of the default.

Measures photos set and read, in turns: the embedded default, and one, two and four nodes on one
PostgreSQL and one store (Ceph), all on the same two cores. Tells where the time goes, and compares
what was seen with what the sum of the parts foretells, which is what docs/capacity.md builds on.
Exit code 1 when the goal was missed, unless --quick was given.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import psutil

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import options  # noqa: E402 - The tests are no package.
from load import Target, drive  # noqa: E402 - See above.
from nodes_report import Part, Sample, Work, claims, tables  # noqa: E402 - See above.
from processes import CORES, children_cpu_s, cpu_model, cpu_s, tree  # noqa: E402 - See above.
from readers import set_photo  # noqa: E402 - See above.
from report import say, verdict  # noqa: E402 - See above.
from servers import Server, likeness  # noqa: E402 - See above.
from support.ceph import Ceph  # noqa: E402 - See above.
from support.postgres import postgres_server  # noqa: E402 - See above.
from wrk import Question, hammer  # noqa: E402 - See above.

FULL: Final = {"nodes": (1, 2, 4), "rounds": 3, "seconds": 5.0}
QUICK: Final = {"nodes": (1, 2), "rounds": 1, "seconds": 2.0}
"""A smoke run: it proves that everything works together; its figures prove little."""

KIND: Final = "jpeg-1024x1024"
CONNECTIONS: Final = 4
READERS: Final = 16
SIZE: Final = 72
KEY: Final = "b" * 32


@dataclass(frozen=True, slots=True)
class Site:
    """An installation: its nodes, one without memory for photos, and what is behind them."""

    name: str
    nodes: list[Server]
    forgetful: Server
    behind: dict[Part, list[psutil.Process]]

    def cpu_s(self, nodes: list[Server]) -> dict[Part, float]:
        """What each part has cost so far."""
        costs = {Part.NODES: sum(node.cpu_s() for node in nodes)}
        for part, processes in self.behind.items():
            costs[part] = sum(cpu_s(tree(process)) for process in processes)
        return costs


def main() -> int:
    """Measure, print, judge."""
    chosen = _options()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    samples = list(_measured(chosen))
    judged = claims(samples)
    text = [f"{CORES} cores of {cpu_model()}, {CONNECTIONS} connections", *tables(samples), ""]
    text += ["CPU of a photo set, in each round", *map(verdict, judged)]
    document = {"cpu": cpu_model(), "samples": [asdict(each) for each in samples]}
    print(json.dumps(document, indent=2) if chosen.json else "\n".join(text))
    return 1 if any(not ratio.met for ratio in judged) and not chosen.quick else 0


def _options() -> argparse.Namespace:
    parser = options.parser(__doc__)
    parser.add_argument("--nodes", nargs="+", type=int, help="how many nodes share the work")
    parser.add_argument("--rounds", type=int, help="turns that each has")
    parser.add_argument("--seconds", type=float, help="length of a turn")
    return options.parsed(parser, FULL, QUICK)


def _measured(chosen: argparse.Namespace) -> Iterator[Sample]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="likeness-nodes-")))
        spawn = get_context("spawn")
        load = stack.enter_context(ProcessPoolExecutor(max(chosen.nodes), mp_context=spawn))
        sites = [_embedded(stack, folder), _shared(stack, folder, max(chosen.nodes))]
        for site in sites:
            _load(site.nodes, load, chosen.seconds)
        for number in range(chosen.rounds):
            for site in sites:
                for count in (1,) if site.name == "embedded" else chosen.nodes:
                    for sample in _turn(site, count, number, load, chosen.seconds):
                        say(f"round {number + 1}, {sample.subject}, {sample.work}: done")
                        yield sample


def _embedded(stack: ExitStack, folder: Path) -> Site:
    """SQLite and a folder; the second node reads the same ones and remembers no photo."""
    node = stack.enter_context(likeness(folder / "embedded", CONNECTIONS))
    data = str(folder / "embedded" / "data")
    forgetful = {"LIKENESS_DATA": data, "LIKENESS_PHOTO_CACHE_BYTES_MAX": "0"}
    second = stack.enter_context(likeness(folder / "forgetful", 0, settings=forgetful))
    return Site("embedded", [node], second, {})


def _shared(stack: ExitStack, folder: Path, count: int) -> Site:
    store = Ceph(folder / "ceph")
    stack.callback(store.servers.kill)
    store.start()
    database = stack.enter_context(postgres_server("debian", durable=True))
    os.environ.update(store.environment)
    settings = {
        "LIKENESS_DATABASE": database.new_database(),
        "LIKENESS_BLOBS": store.new_bucket(),
        "LIKENESS_SECRET_KEY": KEY,
    }
    first = stack.enter_context(likeness(folder / "node-0", CONNECTIONS, settings=settings))
    others = [
        stack.enter_context(likeness(folder / f"node-{number}", 0, settings=settings))
        for number in range(1, count)
    ]
    forgetful = settings | {"LIKENESS_PHOTO_CACHE_BYTES_MAX": "0"}
    cold = stack.enter_context(likeness(folder / "cold", 0, settings=forgetful))
    assert database.process
    behind = {
        Part.DATABASE: [psutil.Process(database.process.pid)],
        Part.STORE: [psutil.Process(each.pid) for each in store.servers.running.values()],
    }
    tokens = first.target.tokens
    nodes = [_with(tokens[turn:] + tokens[:turn], one) for turn, one in enumerate([first, *others])]
    return Site("nodes", nodes, cold, behind)


def _with(tokens: tuple[str, ...], node: Server) -> Server:
    """The people of the first node are those of all; each node has another one of them first."""
    target = node.target
    shared = Target(target.name, target.port, target.path, tokens)
    return Server(shared, node.process, node.folder)


def _turn(
    site: Site, count: int, number: int, load: ProcessPoolExecutor, seconds: float
) -> Iterator[Sample]:
    nodes = site.nodes[:count]
    subject = site.name if site.name == "embedded" else f"{count} node{'s' if count > 1 else ''}"
    before = site.cpu_s(nodes)
    done, per_s, load_cpu_s = _load(nodes, load, seconds)
    costs = _since(before, site.cpu_s(nodes)) | {Part.LOAD: load_cpu_s}
    yield Sample(subject, Work.SET, number, per_s, done, costs)
    path = set_photo(nodes[0].target)[SIZE]
    # One at a time where nothing is remembered: of a crowd, one is let through for all.
    for work, asked, readers in (
        (Work.HOT, nodes, READERS),
        (Work.COLD, [site.forgetful], 1),
    ):
        before = site.cpu_s(asked)
        done, per_s, load_cpu_s = _read(asked, path, readers, seconds)
        costs = _since(before, site.cpu_s(asked)) | {Part.LOAD: load_cpu_s}
        yield Sample(subject, work, number, per_s, done, costs)


def _load(
    nodes: list[Server], load: ProcessPoolExecutor, seconds: float
) -> tuple[int, float, float]:
    """Set photos through all nodes at once: how many, how many a second, and the load's own CPU."""
    share = max(1, CONNECTIONS // len(nodes))
    spells = [
        job.result()
        for job in [load.submit(drive, node.target, KIND, share, seconds) for node in nodes]
    ]
    return (
        sum(spell.uploads for spell in spells),
        sum(spell.per_s for spell in spells),
        sum(spell.own_cpu_s for spell in spells),
    )


def _read(nodes: list[Server], path: str, readers: int, seconds: float) -> tuple[int, float, float]:
    """Read one photo through all nodes at once, in the same figures."""
    before = children_cpu_s()
    share = max(1, readers // len(nodes))
    with ThreadPoolExecutor(len(nodes)) as pool:
        rates = list(
            pool.map(
                lambda node: hammer(
                    node.target.port, Question(path), share, max(1, round(seconds)), None
                ),
                nodes,
            )
        )
    cpu_s_used = children_cpu_s() - before
    return sum(rate.requests for rate in rates), sum(rate.per_s for rate in rates), cpu_s_used


def _since(before: dict[Part, float], after: dict[Part, float]) -> dict[Part, float]:
    return {part: after[part] - before[part] for part in before}


if __name__ == "__main__":
    sys.exit(main())
