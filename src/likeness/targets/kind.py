"""What a kind of target is: its name, what it is told when it is added, how one is opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from likeness.destinations import Network
from likeness.elsewhere import Target
from likeness.model import Secret, User
from likeness.targets.http import Http
from likeness.targets.port import Holder, Receiver

EMAIL_SCOPE: Final = "users:read.email"
"""The scope without which a target does not get to know addresses."""

SlackUser = Callable[[User], dict[str, Any]]
"""A user as `users.info` shows them to a bot, with their address."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a target of any kind may need to be opened.

    `signing` are the secrets to sign with, the newest first; each is 32 bytes. `http` asks the host
    of `target.url`; a kind that connects in another way asks no address that `may_be_told` refuses
    with these `networks`. `photo_url` is what addresses of photos begin with.
    """

    target: Target
    http: Http
    credential: Secret | None
    signing: tuple[bytes, ...] = field(repr=False)
    photo_url: str
    networks: tuple[Network, ...]
    slack_user: SlackUser


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of target. `options` are those that one may have, each with its help.

    `events` are the types of messages that one may subscribe to, `schemes` those of its URL, and
    `concurrency_max` is how many requests it gets at a time from one server process. A kind that
    `needs_credential` cannot be added without one.
    """

    name: str
    summary: str
    open: Callable[[Given], Holder | Receiver]
    options: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ("https", "http")
    needs_credential: bool = True
    concurrency_max: int = 1
