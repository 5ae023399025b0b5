"""HTTP with one target: its host alone is asked, and what goes wrong is one of the port's refusals.

A request takes at most TIMEOUT_S in all, and no more of an answer is read than LENGTH_MAX.
"""

import asyncio
import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx2

from likeness.destinations import Destination, NotFetched, parsed
from likeness.model import Secret
from likeness.outgoing import NONSENSE, Outgoing, read_body
from likeness.targets.port import Away, Gone, Later, Refused
from likeness.version import VERSION

TIMEOUT_S: Final = 15.0
"""For one request: its name resolved, connected, sent, answered and read."""

LENGTH_MAX: Final = 64 * 1024
"""Bytes of an answer, unless a kind of target needs more."""

RETRY_AFTER_S_MAX: Final = 24 * 3600
"""A program that wants to be asked in a year is asked tomorrow."""

EXCERPT_LENGTH_MAX: Final = 200
"""Characters of an answer that a refusal tells."""

_OK: Final = range(200, 300)
_REDIRECTIONS: Final = range(300, 400)
_GONE: Final = 410
_BUSY: Final = (429, 502, 503, 504)
_NOT_BELIEVED: Final = (401, 403)
_OF_THE_SERVER: Final = range(500, 600)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target answered."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_ok(self) -> bool:
        """Whether it is a success."""
        return self.status in _OK

    def json(self) -> Any:
        """The body as JSON. Raises Away where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Away(f"it answered {self.status} with something that is no JSON") from error

    def json_object(self) -> dict[str, Any]:
        """The body as an object of JSON. Raises Away where it is none."""
        found = self.json()
        if not isinstance(found, dict):
            raise Away(f"it answered {self.status} with JSON that is no object")
        return found


class Http:
    """Requests to the host of `base_url`, and to no other.

    `hidden` are secrets that no refusal may tell, should an answer have them in it.
    """

    def __init__(
        self,
        base_url: str,
        outgoing: Outgoing,
        *,
        hidden: Collection[Secret] = (),
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.base_url: Final = base_url.rstrip("/")
        self._outgoing = outgoing
        self._hidden = [secret.reveal() for secret in hidden if secret.reveal()]
        self._timeout_s = timeout_s

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        length_max: int = LENGTH_MAX,
    ) -> Answer:
        """The answer to a request, whatever its status; `path` is below the base URL, or "".

        Raises Away where there is none.
        """
        url = path if path.startswith(self.base_url + "/") else self.base_url + path
        wanted = self._wanted(url)
        told = {
            "User-Agent": f"likeness/{VERSION}",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **(headers or {}),
        }
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._answer(method, wanted, told, body, length_max)
        except NotFetched as none:
            raise Away(self._told(f"{none.why.value.replace('_', ' ')}: {none.detail}")) from none
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise Away(f"it did not answer within {self._timeout_s:g} s") from error
        except NONSENSE as error:
            raise Away(f"the connection broke off ({type(error).__name__})") from error

    async def _answer(
        self,
        method: str,
        wanted: Destination,
        headers: dict[str, str],
        body: bytes | None,
        length_max: int,
    ) -> Answer:
        sending = self._outgoing.answer(method, wanted, headers, body, timeout_s=self._timeout_s)
        async with sending as response:
            read = await read_body(response, length_max)
            found = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, found, read)

    def _wanted(self, url: str) -> Destination:
        try:
            wanted, base = parsed(url), parsed(self.base_url)
        except NotFetched as none:
            raise Refused("its address is no URL that can be asked") from none
        if (wanted.scheme, wanted.name) != (base.scheme, base.name):
            raise Refused("it named another host than its own")
        return wanted

    def judge(self, answer: Answer) -> Answer:
        """Give a successful answer. Raises Refused, Later, Away or Gone for any other."""
        if answer.is_ok:
            return answer
        told = f"it answered {answer.status}{self._excerpt(answer)}"
        if answer.status == _GONE:
            raise Gone(told)
        if answer.status in _BUSY:
            raise Later(told, retry_after_s(answer))
        if answer.status in _REDIRECTIONS:
            raise Away(f"it answered {answer.status}, which leads elsewhere; give its own address")
        if answer.status in _NOT_BELIEVED or answer.status in _OF_THE_SERVER:
            raise Away(told)
        raise Refused(told)

    def judge_rights(self, answer: Answer) -> Answer:
        """The same for a check of the credential: Refused where that is not believed."""
        if answer.status in _NOT_BELIEVED:
            raise Refused(
                f"it does not accept the credential: {answer.status}{self._excerpt(answer)}"
            )
        return self.judge(answer)

    def _excerpt(self, answer: Answer) -> str:
        return self.shown(answer.body[: 4 * EXCERPT_LENGTH_MAX].decode(errors="replace"))

    def shown(self, text: str) -> str:
        """Words of the target for the end of a refusal: one short line that has no secret in it."""
        line = "".join(each for each in " ".join(text.split()) if each.isprintable())
        return f": {self._told(line)[:EXCERPT_LENGTH_MAX]}" if line else ""

    def _told(self, text: str) -> str:
        for secret in self._hidden:
            text = text.replace(secret, "****")
        return text


def bearer(credential: Secret | None) -> dict[str, str]:
    """The header that shows a token, if there is one."""
    return {"Authorization": f"Bearer {credential.reveal()}"} if credential else {}


def retry_after_s(answer: Answer) -> float | None:
    """The seconds of the header Retry-After, which has them or a date; None where it has neither.

    >>> retry_after_s(Answer(429, {"retry-after": "7"}, b""))
    7.0
    """
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(min(int(text[:9]), RETRY_AFTER_S_MAX))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    ahead_s = (moment - datetime.fromtimestamp(time.time(), UTC)).total_seconds()
    return min(max(ahead_s, 0.0), RETRY_AFTER_S_MAX)
