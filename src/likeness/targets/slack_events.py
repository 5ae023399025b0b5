"""Slack's Events API: an app that was built for Slack hears `user_change` from us as from Slack.

The app gets what the bot would see that the target is bound to: its options name the bot's user id,
its workspace and its scopes.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from likeness.targets.http import Answer
from likeness.targets.kind import EMAIL_SCOPE, Given, Kind
from likeness.targets.port import Away, Later, News, Refused
from likeness.targets.signing import slack_signature

TYPES: Final = ("user_change", "user_profile_changed")
"""The events that an app may subscribe to here; the first one unless told otherwise."""

HUDDLE: Final = {"huddle_state": "default_unset", "huddle_state_expiration_ts": 0}
"""What a profile has in `user_profile_changed` and Likeness does not know of."""

_UNHANDLED: Final = 404
_WRONG_SECRET: Final = 401
_RETRY_REASON: Final = "http_error"


class SlackEvents:
    """One app's request URL."""

    def __init__(self, given: Given, clock_s: Callable[[], float] = time.time) -> None:
        self._given = given
        self._options = given.target.options
        self._clock_s = clock_s

    def content(self, news: News) -> Mapping[str, Any] | None:
        """The user as the app would see them, but for the moment of their last change.

        A hidden person looks the same, since the API shows them: nothing is to be told then.
        """
        user = self._user(news)
        user.pop("updated", None)
        return {"user": user}

    async def tell(self, news: News) -> str:
        """Send an event of each type that the app subscribed to."""
        types = self._options.get("events") or TYPES[:1]
        answers = [await self._event(news, kind) for kind in types]
        return "; ".join(answers)

    async def check(self) -> str:
        """Do as Slack does when a request URL is entered: it has to answer with the challenge."""
        challenge = secrets.token_hex(16)
        told = {"token": self._token, "challenge": challenge, "type": "url_verification"}
        answer = await self._send(told, {})
        if not answer.is_ok or challenge not in answer.body.decode(errors="replace"):
            raise Refused(
                f"it answered {answer.status} without the challenge; an app answers 401 where its "
                "signing secret is another one, or its clock is 5 minutes wrong"
            )
        return f"{answer.status}, with the challenge"

    async def _event(self, news: News, kind: str) -> str:
        user = self._user(news)
        if kind == TYPES[1]:
            user["profile"] = user["profile"] | HUDDLE
        inner = {
            "type": kind,
            "user": user,
            "cache_ts": int(news.changed_at_s),
            "event_ts": f"{news.changed_at_s:.6f}",
        }
        told = {
            "token": self._token,
            "team_id": self._options["team_id"],
            "api_app_id": self._app_id,
            "event": inner,
            "type": "event_callback",
            "event_id": "Ev" + _letters(f"{news.message_id} {kind}", 10),
            "event_time": int(news.changed_at_s),
            "event_context": _letters(news.message_id, 20),
            "authorizations": [self._authorization],
            "is_ext_shared_channel": False,
        }
        again = {
            "X-Slack-Retry-Num": str(news.attempt),
            "X-Slack-Retry-Reason": _RETRY_REASON,
        }
        answer = await self._send(told, again if news.attempt else {})
        return self._judged(answer)

    def _judged(self, answer: Answer) -> str:
        if answer.status == _UNHANDLED and b"unhandled request" in answer.body:
            return "404: delivered, but the app listens to no event of this type"
        if not answer.is_ok and answer.headers.get("x-slack-no-retry") == "1":
            raise Refused(f"it answered {answer.status} and wants it no more")
        try:
            self._given.http.judge(answer)
        except Refused as refusal:
            # Slack tries again whatever the status is.
            raise Away(str(refusal)) from refusal
        except Later as later:
            raise Later(str(later), later.after_s) from later
        return str(answer.status)

    async def _send(self, told: Mapping[str, Any], again: Mapping[str, str]) -> Answer:
        """The answer. An app knows one secret alone: while one follows another, both are tried."""
        body = json.dumps(told, separators=(",", ":")).encode()
        second = int(self._clock_s())
        for secret in self._given.signing:
            headers = {
                "Content-Type": "application/json",
                "X-Slack-Request-Timestamp": str(second),
                "X-Slack-Signature": slack_signature(secret, second, body),
                **again,
            }
            answer = await self._given.http.ask("POST", "", headers=headers, body=body)
            if answer.status != _WRONG_SECRET:
                break
        return answer

    def _user(self, news: News) -> dict[str, Any]:
        if news.person is None:
            return self._erased(news.user_id)
        shown = self._given.slack_user(news.person.user)
        if news.person.is_gone and not shown.get("deleted"):
            shown = {**self._erased(news.user_id), "name": shown["name"]}
        if EMAIL_SCOPE not in self._options.get("scopes", []):
            shown["profile"] = {k: v for k, v in shown["profile"].items() if k != "email"}
        return shown

    def _erased(self, user_id: str) -> dict[str, Any]:
        """Somebody of whom nothing is known any more."""
        return {
            "id": user_id,
            "team_id": self._options["team_id"],
            "name": "",
            "deleted": True,
            "profile": {"avatar_hash": "g" + "0" * 11, "real_name": "", "display_name": ""},
            "is_bot": False,
            "is_app_user": False,
            "updated": int(self._clock_s()),
        }

    @property
    def _app_id(self) -> str:
        return "A" + _letters(f"app {self._given.target.id}", 10)

    @property
    def _token(self) -> str:
        return _letters(f"token {self._given.target.id}", 24)

    @property
    def _authorization(self) -> dict[str, Any]:
        return {
            "enterprise_id": None,
            "team_id": self._options["team_id"],
            "user_id": self._options["bot_user_id"],
            "is_bot": True,
            "is_enterprise_install": False,
        }


def _letters(text: str, length: int) -> str:
    """Capital letters and digits that follow from a text alone, as ids of Slack's have them."""
    return hashlib.sha256(text.encode()).hexdigest().upper()[:length]


KIND: Final = Kind(
    "slack_events",
    "an app built for Slack, told by the Events API",
    SlackEvents,
    options={"bot": "Address or id of the bot whose view the app gets."},
    events=TYPES,
    needs_credential=False,
    concurrency_max=4,
)
