"""Starts a double and talks to it, from a test. Uses the standard library alone.

>>> with Double.start() as slack:  # doctest: +SKIP
...     ada = slack.person()
...     slack.demand("users.setPhoto", "too_many_frames")
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

_ANSWER_TIMEOUT_S: Final = 60.0


class DoubleError(Exception):
    """The double did not start, or cannot do what it was told. The text says why."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the double's workspace, with a token."""

    id: str
    email: str
    token: str


class Double:
    """A running double. `api_url` is the base URL that clients of Slack are given."""

    def __init__(self, url: str, process: "subprocess.Popen[str] | None" = None) -> None:
        self.url = url.rstrip("/")
        self._process = process

    @classmethod
    def start(cls, settings: Mapping[str, str] | None = None) -> Self:
        """Start one in a process of its own, in a fresh folder. It ends with this process.

        `settings` are those of the service, in small letters, such as {"frames_max": "2"}. Raises
        DoubleError.
        """
        given = [f"--set={name}={value}" for name, value in (settings or {}).items()]
        process = subprocess.Popen(  # noqa: S603 - Settings are the test's own.
            [sys.executable, "-m", "likeness", "double", "--attached", "--json", *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            said = process.communicate()[1]
            raise DoubleError(f"the double did not start: {said.strip()}")
        return cls(json.loads(line)["url"], process)

    @property
    def api_url(self) -> str:
        """Where methods are."""
        return f"{self.url}/api/"

    def person(self, email: str = "", **about: Any) -> Person:
        """Somebody new, at an address of their own if none is given.

        `about`: `name`, `is_bot`, `is_admin`, and `scopes`, a list, for a token that may do less.
        """
        told = self._tell("people", {"email": email, **about})
        return Person(told["id"], told["email"], told["token"])

    def demand(self, method: str, error: str = "", **more: float) -> None:
        """Have the next call of a method refused with an error.

        `more`: `times` calls instead of one, after `wait_s` seconds, with `retry_after_s` for
        `ratelimited`. Without an error the service answers, after the wait. Raises DoubleError for
        an error that the method does not have.
        """
        self._tell("demands", {"method": method, "error": error, **more})

    def calls(self, method: str = "") -> list[dict[str, Any]]:
        """What was called so far: `method`, `arguments`, `image`, `who`, `status`, `error`."""
        query = f"?{urlencode({'method': method})}" if method else ""
        found: list[dict[str, Any]] = self._ask(f"calls{query}")["calls"]
        return found

    def forget(self) -> None:
        """Forget calls and demands; people and their photos stay."""
        self._tell("forget", {})

    def stop(self) -> None:
        """End the process, if it was started here; its folder goes with it."""
        if self._process is None:
            return
        with self._process as process:
            process.terminate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _tell(self, path: str, said: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask(path, json.dumps(said).encode())

    def _ask(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.url}/double/{path}", body, headers)  # noqa: S310 - It is http.
        try:
            with urlopen(request, timeout=_ANSWER_TIMEOUT_S) as reply:  # noqa: S310 - See above.
                answer: dict[str, Any] = json.load(reply)
        except HTTPError as error:
            with error:
                raise DoubleError(json.load(error)["error"]) from None
        return answer
