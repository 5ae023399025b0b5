"""The load: threads that each keep one HTTP/1.1 connection and upload one picture after another.

It runs in a process of its own, so that what it costs is never counted as a server's.
"""

import http.client
import itertools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Final

from photos import Upload, uploads

TIMEOUT_S: Final = 60
BOUNDARY: Final = "likeness-benchmark-boundary"

WARMING_SHARE: Final = 0.25
"""How much of the measured time is spent before it, unmeasured, so that every part is warm."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where uploads go. Each connection is one of the people behind `tokens`, in turn."""

    name: str
    port: int
    path: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spell:
    """What was done in one go.

    `uploads` counts every answer, those before and after the measured time included; `per_s` is
    the rate within it; `median_s` is how long one upload took; `own_cpu_s` is what all of them
    cost the process that made this.
    """

    uploads: int
    per_s: float
    median_s: float
    own_cpu_s: float


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One upload and its answer, by the monotonic clock."""

    start: float
    end: float

    def share_within(self, start: float, end: float) -> float:
        """How much of this exchange lay between the two moments, from 0 to 1."""
        overlap = min(end, self.end) - max(start, self.start)
        return max(0.0, overlap) / (self.end - self.start)


def drive(target: Target, kind: str, connections: int, seconds: float) -> Spell:
    """Load `target` with pictures of `kind` for `seconds`, after some to warm up.

    Uploads that begin or end outside of the measured time count by the share inside, so that
    slow servers are not measured in whole uploads. Fails when any answer is not a success.
    """
    cpu_before = time.process_time()
    start = time.monotonic() + WARMING_SHARE * seconds
    end = start + seconds
    exchanges = _exchanges(target, kind, connections, lambda _: _until(end))
    return Spell(
        uploads=len(exchanges),
        per_s=sum(exchange.share_within(start, end) for exchange in exchanges) / seconds,
        median_s=median(exchange.end - exchange.start for exchange in exchanges),
        own_cpu_s=time.process_time() - cpu_before,
    )


def drive_count(target: Target, kind: str, connections: int, count: int) -> int:
    """Upload `count` pictures of `kind`; gives that number, or fails as `drive` does."""
    quotient, rest = divmod(count, connections)
    exchanges = _exchanges(
        target, kind, connections, lambda number: iter(range(quotient + (number < rest)))
    )
    return len(exchanges)


def form(picture: Upload) -> bytes:
    """A multipart body with `picture`, made new, as its only field."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; '
        f'filename="{picture.name}"\r\nContent-Type: {picture.media_type}\r\n\r\n'
    )
    return head.encode() + picture.fresh() + f"\r\n--{BOUNDARY}--\r\n".encode()


def _exchanges(
    target: Target, kind: str, connections: int, turns: Callable[[int], Iterator[object]]
) -> list[_Exchange]:
    """What all connections did; connection `number` uploads once for each of `turns(number)`."""
    with ThreadPoolExecutor(connections) as pool:
        visits = [
            pool.submit(_visit, target, kind, number, turns(number))
            for number in range(connections)
        ]
        return [exchange for visit in visits for exchange in visit.result()]


def _visit(target: Target, kind: str, number: int, turns: Iterator[object]) -> list[_Exchange]:
    pictures = itertools.islice(itertools.cycle(uploads(kind)), number, None)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Authorization": f"Bearer {target.tokens[number % len(target.tokens)]}",
    }
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=TIMEOUT_S)
    try:
        return [_exchange(connection, target, headers, next(pictures)) for _ in turns]
    finally:
        connection.close()


def _exchange(
    connection: http.client.HTTPConnection,
    target: Target,
    headers: dict[str, str],
    picture: Upload,
) -> _Exchange:
    body = form(picture)
    start = time.monotonic()
    connection.request("POST", target.path, body, headers)
    response = connection.getresponse()
    answer = response.read()
    end = time.monotonic()
    if response.status != http.client.OK or json.loads(answer).get("ok") is not True:
        raise RuntimeError(f"{target.name} answered {response.status}: {answer[:500]!r}")
    return _Exchange(start, end)


def _until(end: float) -> Iterator[None]:
    """One turn after another until `end` of the monotonic clock has passed."""
    while time.monotonic() < end:
        yield None
