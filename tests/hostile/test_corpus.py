"""Two corpora of valid, odd and hostile pictures, each sent to a running service."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from support import web
from support.live import LiveServer, Person, add_person
from support.processes import server_processes, worker_deaths

CONCURRENCY: Final = 4
SAMPLE_EVERY: Final = 6

OTHER_OPINION: Final = {
    "5d652d9f": "bad_image",  # 100 000 comments; our limit of segments is lower.
    "22049c0b": "ok",  # Pillow finds five more frames behind a byte that begins no block.
    # AVIF is accepted now (contract § 4.2), which the manifest does not know.
    **dict.fromkeys(("08e807a6", "0afab12f", "23510a29", "db1e5094"), "ok"),
}
"""Files for which the manifest holds another answer than ours, which we defend."""

RELAXED: Final = {"IMAGE_SIDE_MIN": "1", "IMAGE_SIDE_MAX": "8000"}


@dataclass(frozen=True)
class Sample:
    """A file of the corpus and the answers that are right for it."""

    name: str
    data: bytes
    answers: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What the service said to one file: an error code or ok, and the photo if there is one."""

    name: str
    status: int
    word: str
    avatar_hash: str | None
    is_right: bool


def samples(corpus: Path, expectation: str) -> list[Sample]:
    """Every file with its acceptable answers, `expectation` being a key of the manifest."""
    entries = json.loads((corpus / "manifest.json").read_text())["files"]
    return [
        Sample(
            entry["file"],
            (corpus / entry["file"]).read_bytes(),
            frozenset(entry[expectation]) | own_opinion(entry["file"]),
        )
        for entry in entries
    ]


def own_opinion(name: str) -> frozenset[str]:
    """The answer that we defend against the manifest, if any."""
    key = name.split("__")[1]
    return frozenset({OTHER_OPINION[key]} if key in OTHER_OPINION else ())


def upload(server: LiveServer, person: Person, sample: Sample) -> Outcome:
    """Send one file; any answer that is no JSON raises."""
    reply = web.post(
        f"{server.api}users.setPhoto",
        headers={"Authorization": f"Bearer {person.token}"},
        files={"image": (Path(sample.name).name, sample.data)},
    )
    answer = reply.json()
    word = "ok" if answer["ok"] else str(answer["error"])
    shown = answer.get("profile", {}).get("avatar_hash")
    return Outcome(sample.name, reply.status_code, word, shown, word in sample.answers)


def upload_all(server: LiveServer, each: list[Sample]) -> list[Outcome]:
    """Send them, a few at a time, each group as another person."""
    people = [add_person(server, f"corpus-{n}@example.org") for n in range(CONCURRENCY)]

    def share(number: int) -> list[Outcome]:
        return [upload(server, people[number], one) for one in each[number::CONCURRENCY]]

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        return [one for group in pool.map(share, range(CONCURRENCY)) for one in group]


def stored_hashes(server: LiveServer) -> set[str]:
    """The beginnings of the secrets of all photos in the database, checked against the files."""
    with closing(sqlite3.connect(server.data / "likeness.db")) as connection:
        secrets = {secret for (secret,) in connection.execute("SELECT secret FROM photos")}
    paths = [path for path in (server.data / "blobs").rglob("*") if path.is_file()]
    assert secrets == {path.name.split("_")[1] for path in paths}
    return {secret[:12] for secret in secrets}


def ordeal(server: LiveServer, each: list[Sample]) -> None:
    """All answers right, all with 200, nobody died, and only what was accepted is stored."""
    before = [process.pid for process in server_processes(server)]

    outcomes = upload_all(server, each)

    print(Counter(outcome.word for outcome in outcomes))  # noqa: T201 - The figures are wanted.
    assert [outcome for outcome in outcomes if not outcome.is_right] == []
    assert {200} == {outcome.status for outcome in outcomes}
    assert before == [process.pid for process in server_processes(server)]
    assert {} == worker_deaths(server)
    accepted = {outcome.avatar_hash for outcome in outcomes if outcome.word == "ok"}
    assert accepted == stored_hashes(server)
    assert "call_failed" not in server.log()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[LiveServer]:
    """The default limits."""
    with LiveServer(tmp_path / "strict", {"RATE_LIMITS": "off"}) as live:
        yield live


@pytest.fixture
def relaxed(tmp_path: Path) -> Iterator[LiveServer]:
    """Any size up to 8000 pixels."""
    with LiveServer(tmp_path / "relaxed", {"RATE_LIMITS": "off", **RELAXED}) as live:
        yield live


@pytest.mark.slow
def test_a_sample_of_the_corpus_is_answered_as_it_may_be(corpus: Path, relaxed: LiveServer) -> None:
    """Every sixth file, with the relaxed limits, which let more through to the decoder."""
    ordeal(relaxed, samples(corpus, "expect_relaxed")[::SAMPLE_EVERY])


@pytest.mark.slow
def test_the_whole_corpus_is_answered_as_it_may_be(corpus: Path, strict: LiveServer) -> None:
    """With the default limits."""
    ordeal(strict, samples(corpus, "expect_strict"))


@pytest.mark.slow
def test_the_whole_corpus_is_answered_as_it_may_be_with_relaxed_limits(
    corpus: Path, relaxed: LiveServer
) -> None:
    """Nearly every file meets the decoder here."""
    ordeal(relaxed, samples(corpus, "expect_relaxed"))
