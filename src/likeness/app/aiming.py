"""What an operator does with targets: add, check, fill, pause, turn secrets, remove.

Targets are entered by who has a shell on the machine, and by nobody else: the service asks no
address that a caller could choose.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from likeness.app.lane import PER_MINUTE
from likeness.app.service import Service
from likeness.app.target_figures import FAMILIES
from likeness.app.targets import credential_of, lane_of, opener_of
from likeness.copies import IF_CHANGED_THERE, KEEP, RESYNC, TEST
from likeness.destinations import NotFetched, parsed
from likeness.elsewhere import Copy, CopyState, Delivery, Standing, Target
from likeness.errors import Mistake
from likeness.figures import Sheet
from likeness.model import User
from likeness.people import new_id
from likeness.targets.kind import EMAIL_SCOPE, Kind
from likeness.targets.kinds import KINDS
from likeness.targets.port import Away, Gone, Later, Refused
from likeness.targets.signing import as_slack_secret, as_webhook_secret, signing_secrets
from likeness.threads import in_thread

URL_LENGTH_MAX: Final = 2000
"""Characters; the column has no more."""

PER_MINUTE_MAX: Final = 60_000

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_COMMON: Final = {
    PER_MINUTE: "How many people it is brought in a minute, by each server process.",
    IF_CHANGED_THERE: "What is done where somebody chose another picture there: ours or keep.",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator says of a new target. `bot` is an address or id, for `slack_events`."""

    kind: str
    name: str
    url: str
    secret_from: str = ""
    workspace: str = ""
    bot: str = ""
    scopes: Sequence[str] = ()
    events: Sequence[str] = ()
    options: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Stand:
    """A target as it stands."""

    target: Target
    standing: Standing


class Aiming:
    """Changes targets and looks at them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._database = service.database

    async def add(self, wish: Wish) -> tuple[Target, str]:
        """Add a target that answers; gives what it said. Raises Mistake where it does not."""
        target = await self._wanted(wish)
        said = await self.check(target)
        await in_thread(self._database.add_target, target)
        return target, said

    async def _wanted(self, wish: Wish) -> Target:
        kind = _kind(wish.kind)
        if not _NAME.fullmatch(wish.name):
            raise Mistake(
                f"{wish.name!r} is no name for a target: use small letters, digits, - . _, at most "
                "64 of them"
            )
        if any(each.name == wish.name for each in await in_thread(self._database.targets)):
            raise Mistake(f"there is a target {wish.name!r} already")
        _check_url(wish.url, kind)
        if kind.needs_credential and not wish.secret_from:
            raise Mistake(
                f"a target of kind {kind.name} needs --secret-from env:NAME or file:PATH, which "
                "says where its credential is"
            )
        if wish.secret_from:
            credential_of(wish.secret_from)
        team = await self._service.people.team(wish.workspace) if wish.workspace else None
        return Target(
            id=new_id("K"),
            name=wish.name,
            kind=kind.name,
            url=wish.url,
            created_at=self._service.clock(),
            team_id=team.id if team else None,
            options=await self._options(wish, kind),
            secret_from=wish.secret_from or None,
        )

    async def _options(self, wish: Wish, kind: Kind) -> dict[str, Any]:
        options: dict[str, Any] = _paired(wish.options, {**kind.options, **_COMMON})
        _check_known("--scope", wish.scopes, (EMAIL_SCOPE,))
        _check_known("--event", wish.events, kind.events)
        if wish.scopes:
            options["scopes"] = sorted(wish.scopes)
        if wish.events:
            options["events"] = list(wish.events)
        if "bot" in kind.options:
            bot = await self._bot(wish)
            options |= {"bot_user_id": bot.id, "team_id": bot.team_id}
        return options

    async def _bot(self, wish: Wish) -> User:
        if not wish.bot:
            raise Mistake(
                f"a target of kind {wish.kind} is bound to a bot, whose view the app gets; name "
                "its address with --bot, or add one with `likeness user add ADDRESS --bot`"
            )
        user = await self._service.people.find(wish.bot, wish.workspace)
        if not user.is_bot:
            raise Mistake(f"{wish.bot} is a person and no bot")
        return user

    async def named(self, name: str) -> Target:
        """A target by its name. Raises Mistake."""
        targets = await in_thread(self._database.targets)
        found = next((each for each in targets if each.name == name), None)
        if found is None:
            names = ", ".join(each.name for each in targets) or "none"
            raise Mistake(f"there is no target {name!r}; there are: {names}")
        return found

    async def stands(self) -> list[Stand]:
        """Every target as it stands."""
        standings = await in_thread(self._database.standings)
        targets = await in_thread(self._database.targets)
        return [Stand(each, standings.get(each.id, Standing({}, None))) for each in targets]

    async def stand(self, name: str) -> Stand:
        """One target as it stands. Raises Mistake."""
        target = await self.named(name)
        return next(each for each in await self.stands() if each.target.id == target.id)

    async def check(self, target: Target) -> str:
        """What the target says of us. Raises Mistake where it does not answer as it should."""
        port = opener_of(self._service).open(target)
        try:
            return await port.check()
        except (Refused, Later, Away, Gone) as refusal:
            raise Mistake(f"{target.name}: {refusal}{_advice(str(refusal))}") from refusal

    async def fill(self, target: Target) -> int:
        """Let a target be behind with all that it is to show; how many people."""
        fill = self._database.fill_target
        return await in_thread(fill, target.id, self._service.clock(), RESYNC)

    async def resync(self, target: Target, user: User | None, *, is_test: bool = False) -> int:
        """Bring somebody, or everybody, once more; how many."""
        if user is None:
            return await self.fill(target)
        again, reason = self._database.resync_copy, TEST if is_test else RESYNC
        return await in_thread(again, target.id, user.id, self._service.clock(), reason)

    async def retry(self, target: Target) -> int:
        """Try at once what is behind, refused, or unknown there; how many people."""
        return await in_thread(self._database.retry_copies, target.id)

    async def pause(self, target: Target) -> None:
        """Bring nothing there until it is resumed."""
        await in_thread(
            self._database.pause_target, target.id, self._service.clock(), "by the command line"
        )

    async def resume(self, target: Target) -> None:
        """Go on."""
        await in_thread(self._database.resume_target, target.id)
        await in_thread(self._database.hurry_copies, target.id)

    async def rotate(self, target: Target) -> Target:
        """Sign with a new secret, and with the one before for a day."""
        await in_thread(self._database.rotate_target, target.id, self._service.clock())
        return await self.named(target.name)

    async def clear(self, target: Target) -> int:
        """Take away all that a target shows of ours; how many are shown there still."""
        await in_thread(self._database.empty_target, target.id)
        emptied = await self.named(target.name)
        await lane_of(self._service, emptied, Sheet.alone(*FAMILIES)).run()
        left, after_id = 0, ""
        while page := await self.copies(target, frozenset(CopyState), after_id=after_id):
            left += sum(bool(copy.shown) for copy, _ in page)
            after_id = page[-1][0].user_id
        return left

    async def remove(self, target: Target) -> None:
        """Forget a target; what it shows stays there."""
        await in_thread(self._database.remove_target, target.id)

    async def copies(
        self,
        target: Target,
        states: frozenset[CopyState],
        *,
        after_id: str = "",
        limit: int = 1000,
    ) -> list[tuple[Copy, User | None]]:
        """What a target shows of whom, page by page; no user of who was erased."""
        find = self._database.copies_of_target
        page = await in_thread(find, target.id, states, after_id=after_id, limit=limit)
        users = await in_thread(self._database.users_among, {copy.user_id for copy in page})
        return [(copy, users.get(copy.user_id)) for copy in page]

    async def deliveries(self, target: Target, limit: int) -> list[Delivery]:
        """The newest attempts, newest first."""
        return await in_thread(self._database.deliveries_of, target.id, limit)

    def secret(self, target: Target) -> str:
        """The newest signing secret as receivers of its kind know one; "" where there is none."""
        keys = opener_of(self._service).keys
        newest = signing_secrets(keys, target, self._service.clock())[0]
        written = {"webhook": as_webhook_secret, "slack_events": as_slack_secret}.get(target.kind)
        return written(newest) if written else ""


def _kind(name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        raise Mistake(f"there is no kind of target {name!r}; there are: {', '.join(KINDS)}")
    return kind


def _check_url(url: str, kind: Kind) -> None:
    """Raises Mistake for what is no address of a target of this kind."""
    scheme = urlsplit(url).scheme
    if scheme not in kind.schemes or len(url) > URL_LENGTH_MAX:
        ways = " or ".join(f"{each}://HOST/PATH" for each in kind.schemes)
        raise Mistake(f"--url has to be {ways}, of at most {URL_LENGTH_MAX} characters")
    if scheme not in {"http", "https"}:
        return
    try:
        parsed(url)
    except NotFetched as none:
        raise Mistake(
            f"{url!r} is no URL of a target; it has a host, no user name and no password"
        ) from none


def _check_known(option: str, words: Sequence[str], known: Sequence[str]) -> None:
    """Raises Mistake for a word that a target of this kind does not know."""
    for word in words:
        if word not in known:
            told = f"it is one of {', '.join(known)}" if known else "this kind has none"
            raise Mistake(f"{option} {word}: {told}")


def _paired(words: Sequence[str], known: Mapping[str, str]) -> dict[str, Any]:
    """Options as KEY=VALUE. Raises Mistake."""
    options = dict[str, Any]()
    for word in words:
        key, is_pair, value = word.partition("=")
        if not is_pair or key not in known or key == "bot":
            told = "; ".join(f"{name}: {text}" for name, text in known.items() if name != "bot")
            raise Mistake(f"{word!r} is no option of it; write KEY=VALUE, of these: {told}")
        options[key] = value
    if options.get(IF_CHANGED_THERE, KEEP) not in {KEEP, "ours"}:
        raise Mistake(f"{IF_CHANGED_THERE} is ours or keep, not {options[IF_CHANGED_THERE]!r}")
    if PER_MINUTE in options:
        options[PER_MINUTE] = _number(options[PER_MINUTE])
    return options


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= PER_MINUTE_MAX):
        raise Mistake(f"{PER_MINUTE} is a number from 1 to {PER_MINUTE_MAX}, not {text!r}")
    return int(text)


def _advice(told: str) -> str:
    if "address forbidden" in told:
        return (
            "; networks that are not public have to be named in LIKENESS_TARGET_NETWORKS, and "
            "plain HTTP is for these alone"
        )
    return ""
