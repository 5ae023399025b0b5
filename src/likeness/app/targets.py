"""Opens targets: their credentials from where the operator said, and the ways out for each."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from likeness.app.lane import Lane
from likeness.app.secret import keys_of
from likeness.app.service import Service
from likeness.config import Config
from likeness.copies import Copies
from likeness.copy_pictures import CopyPictures
from likeness.destinations import Destination, may_be_told
from likeness.elsewhere import Target
from likeness.errors import Mistake
from likeness.figures import Sheet
from likeness.keys import Keys
from likeness.model import Secret, User
from likeness.outgoing import Outgoing
from likeness.targets.http import Http
from likeness.targets.kind import EMAIL_SCOPE, Given, SlackUser
from likeness.targets.kinds import KINDS
from likeness.targets.port import Holder, Receiver
from likeness.targets.signing import signing_secrets
from likeness.webapi.profile import user_object

CREDENTIAL_LENGTH_MAX: Final = 16 * 1024
"""Bytes of a credential's file; a token has some hundred, a key of a service account 3,000."""


def _nobody(user: User) -> dict[str, Any]:
    """For who tells nothing of people, such as a check."""
    raise LookupError(user.id)


class TargetOpener:
    """Opens targets, each anew for each round, so that a credential that was renewed counts.

    `slack_user` is a user as `users.info` shows them.
    """

    def __init__(
        self,
        config: Config,
        keys: Keys,
        clock: Callable[[], datetime],
        slack_user: SlackUser = _nobody,
    ) -> None:
        self._networks = config.target_networks
        self._photo_url = config.photo_url
        self.keys: Final = keys
        self._slack_user = slack_user
        self._clock = clock
        self._outgoing = Outgoing(self._may_be_asked)

    def open(self, target: Target) -> Holder | Receiver:
        """The target as its kind does it. Raises Mistake where it cannot be opened."""
        kind = KINDS.get(target.kind)
        if kind is None:
            raise Mistake(
                f"this version knows no kind {target.kind!r}; it knows {', '.join(KINDS)}"
            )
        credential = credential_of(target.secret_from) if target.secret_from else None
        hidden = [] if credential is None else [credential]
        return kind.open(
            Given(
                target=target,
                http=Http(target.url, self._outgoing, hidden=hidden),
                credential=credential,
                signing=signing_secrets(self.keys, target, self._clock()),
                photo_url=self._photo_url,
                networks=self._networks,
                slack_user=self._slack_user,
            )
        )

    def _may_be_asked(self, address: str, wanted: Destination) -> bool:
        return may_be_told(address, self._networks, is_plain=wanted.is_plain)


def lane_of(service: Service, target: Target, sheet: Sheet) -> Lane:
    """The lane of a target."""
    pictures = CopyPictures(service.delivery.view, service.photos.photo_url)
    return Lane(
        target,
        opened=opener_of(service).open,
        copies=Copies(service.database, pictures.pictured, service.clock),
        database=service.database,
        clock=service.clock,
        sheet=sheet,
    )


def opener_of(service: Service) -> TargetOpener:
    """What opens the targets of a service."""

    def slack_user(user: User) -> dict[str, Any]:
        return user_object(service.photos, user, [EMAIL_SCOPE])

    return TargetOpener(service.config, keys_of(service.config), service.clock, slack_user)


def credential_of(secret_from: str) -> Secret:
    """The credential that `env:NAME` or `file:PATH` leads to. Raises Mistake."""
    way, _, place = secret_from.partition(":")
    if way == "env" and place:
        text = os.environ.get(place, "")
        missing = f"the environment variable {place} is not set"
    elif way == "file" and place:
        text, missing = _read(Path(place)), f"the file {place} is empty"
    else:
        raise Mistake(
            f"a credential is named as env:NAME or file:PATH, and never given itself; found "
            f"{way!r} before the first colon"
        )
    if not text.strip():
        raise Mistake(f"there is no credential: {missing}")
    return Secret(text.strip())


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            read = file.read(CREDENTIAL_LENGTH_MAX + 1)
    except OSError as error:
        raise Mistake(f"the credential's file cannot be read: {error}") from error
    if len(read) > CREDENTIAL_LENGTH_MAX:
        raise Mistake(f"{path} has more than {CREDENTIAL_LENGTH_MAX} bytes and is no credential")
    try:
        return read.decode()
    except UnicodeDecodeError as error:
        raise Mistake(f"{path} is no text in UTF-8") from error
