"""Runs wrk, a load generator in C, against one server, on a core that is not the server's."""

import json
import random
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from servers import pinned

SCRIPT: Final = Path(__file__).resolve().with_name("wrk.lua")
MARGIN_S: Final = 30


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a path, headers, and the status that each answer must have.

    With `fresh` the 64 digits of a new hash come after the path, and `fresh` after those.
    """

    path: str
    status: int = 200
    headers: tuple[str, ...] = ()
    fresh: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """What wrk saw: how many answers in how many seconds, and how long they took, in us."""

    requests: int
    seconds: float
    median_us: float
    p99_us: float

    @property
    def per_s(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def wrk_is_here() -> bool:
    """Whether wrk is installed; Debian's package has that name."""
    return shutil.which("wrk") is not None


def hammer(port: int, question: Question, connections: int, seconds: int, core: int | None) -> Rate:
    """Ask for whole `seconds`, over `connections` kept alive, each as fast as answers come.

    Fails when an answer was not as expected.
    """
    url = f"http://127.0.0.1:{port}{question.path}"
    headers = [word for header in question.headers for word in ("-H", header)]
    command = [
        *pinned(core),
        *("wrk", "-t1", f"-c{connections}", f"-d{seconds}"),
        *("--script", str(SCRIPT), *headers, url),
    ]
    if question.fresh:
        seed = str(random.SystemRandom().randrange(2**31))
        command += ["--", seed, question.path, question.fresh]

    run = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=seconds + MARGIN_S
    )
    return _rate(run.stdout, question)


def _rate(output: str, question: Question) -> Rate:
    [line] = [line[5:] for line in output.splitlines() if line.startswith("JSON ")]
    told = json.loads(line)
    broken, refused = told.pop("broken"), told.pop("refused")
    expected = told["requests"] if question.status >= 400 else 0
    if broken or refused != expected:
        raise RuntimeError(f"{question}: {broken} answers broken, {refused} refused")
    return Rate(**told)
