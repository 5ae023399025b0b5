"""The people of one team as a SCIM resource each: five methods over the use case.

They are called in a worker thread, and run what is asynchronous on the event loop.
"""

import json
from collections.abc import Callable, Coroutine
from functools import partial
from hashlib import sha256
from typing import Any, Final, TypeVar, cast

from anyio import from_thread
from scim2_models import (
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SCIMException,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import ScimStorage, SearchPage

from likeness.email_address import email_in
from likeness.enrolling import Enrolled, Enrolling
from likeness.entries import Entry, NotEnrolled, Why, is_named
from likeness.events import Actor
from likeness.identities import SCIM, Condition, Identity, Sought, folded
from likeness.model import Team
from likeness.photo_address import url_of
from likeness.scim.filters import conditions
from likeness.scim.messages import Said
from likeness.scim.photos import Told, shown, told_of
from likeness.scim.schema import Email, User

OFFSET_MAX: Final = 10_000_000
"""Where the last page may begin."""

_SHOWN_SIDE_PX: Final = 512
"""Of our own picture, the side that directories are shown."""

_NAMES_MAX: Final = 10
"""Ids of a directory that are looked at for one person."""

_NOT_KEPT: Final = {"id", "meta", "schemas", "photos"}

T = TypeVar("T")


class Directory(ScimStorage):
    """What one request sees and changes.

    `photo` is what it says of somebody's photo where that may have changed, for whoever brings it.
    """

    def __init__(self, enrolling: Enrolling, team: Team, by: Actor, photo_url: str) -> None:
        self._enrolling = enrolling
        self._team = team
        self._by = by
        self._photo_url = photo_url
        self.photo: Said | None = None

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,  # noqa: ARG002 - The port's.
    ) -> Resource[Any]:
        """One person. Raises NotFoundException."""
        return self._resource(resource_type, self._known(resource_id))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ARG002 - The port's, for cursors, which are not offered.
    ) -> SearchPage:
        """Some of those who fit. Raises InvalidFilterException."""
        sought = search_request.filter
        which = conditions(sought.ast) if sought is not None else ()
        offset = min(search_request.start_index_0 or 0, OFFSET_MAX)
        count = search_request.count
        total, found = self._page(which, offset, OFFSET_MAX if count is None else count)
        return SearchPage(total, [self._resource(resource_types[0], each) for each in found])

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Add somebody, or have them back. Raises UniquenessException, InvalidValueException."""
        user = cast("User", resource)
        self._check_name(user, None)
        external_id = user.external_id
        if external_id and self._page([(Sought.EXTERNAL_ID, external_id)], 0, 1)[0]:
            raise UniquenessException(detail=f"somebody has the externalId {external_id!r} already")
        return self._put(resource_type, user, None)

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """Make somebody be as they are said. Raises what `get` and `create` do."""
        user = cast("User", resource)
        known = self._known(str(user.id), user.external_id)
        _check_version(known, expected_version)
        self._check_name(user, known.identity)
        return self._put(resource_type, user, known)

    def delete(
        self,
        resource_type: ResourceType,  # noqa: ARG002 - The port's; there is one.
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        """Deactivate somebody, and show them no more. Raises what `update` does."""
        known = self._known(resource_id)
        _check_version(known, expected_version)
        _run(self._enrolling.forget, known.identity, self._by)

    def _page(
        self, which: tuple[Condition, ...] | list[Condition], offset: int, limit: int
    ) -> tuple[int, list[Enrolled]]:
        return _run(self._enrolling.page, self._team.id, SCIM, which, offset, limit)

    def _known(self, user_id: str, external_id: str | None = None) -> Enrolled:
        """Somebody by our id. Who was merged may be known by several ids of the directory."""
        _, found = self._page([(Sought.ID, user_id)], 0, _NAMES_MAX)
        if not found:
            raise NotFoundException(detail=f"there is nobody {user_id[:32]!r} here")
        named = (each for each in found if each.identity.external_id == external_id)
        return next(named, found[0])

    def _check_name(self, user: User, own: Identity | None) -> None:
        """Raise UniquenessException where somebody else has the user name."""
        _, found = self._page([(Sought.USER_NAME, folded(user.user_name or ""))], 0, 1)
        if found and (own is None or found[0].identity.external_id != own.external_id):
            raise UniquenessException(
                detail=f"somebody has the userName {user.user_name!r} already"
            )

    def _put(
        self, resource_type: ResourceType, user: User, known: Enrolled | None
    ) -> Resource[Any]:
        told = told_of(user.photos, self._photo_url)
        entry = _entry(user, told, _is_here(user, known))
        identity = known.identity if known else None
        try:
            who = _run(self._enrolling.enrol, self._team, entry, self._by, identity)
        except NotEnrolled as refusal:
            raise _exception(refusal) from refusal
        self.photo = None if told.is_ours else Said(who, told.url)
        return self._resource(resource_type, who)

    def _resource(self, resource_type: ResourceType, who: Enrolled) -> User:
        """Somebody as the directory said them, and as they are."""
        user, identity = who.user, who.identity
        resource = User.model_validate({"userName": identity.user_name, **_said(identity)})
        resource.id = user.id
        resource.external_id = identity.external_id if is_named(identity) else None
        if resource.active is not None or user.deleted_at is not None:
            resource.active = user.deleted_at is None
        if not resource.photos and user.photo:
            resource.photos = shown(url_of(self._photo_url, user.photo, _SHOWN_SIDE_PX))
        resource.meta = Meta(
            resource_type=resource_type.name,
            created=identity.created_at,
            last_modified=max(user.updated_at, identity.seen_at),
            version=_version(who),
        )
        return resource


def _is_here(user: User, known: Enrolled | None) -> bool:
    """Whether the directory says that somebody is here.

    Where it says nothing they are, but for those whom somebody else deactivated: the directory
    takes back only what it said itself.
    """
    if user.active is not None:
        return user.active
    if known is None or known.user.deleted_at is None:
        return True
    return _said(known.identity).get("active") is False


def _said(identity: Identity) -> dict[str, Any]:
    """What the directory last said of somebody."""
    said: dict[str, Any] = json.loads(identity.document or "{}")
    return said


def _entry(user: User, told: Told, is_here: bool) -> Entry:  # noqa: FBT001 - Of three there is one.
    """What a resource says of somebody."""
    document = user.model_dump(exclude_none=True)
    kept = {name: value for name, value in document.items() if name not in _NOT_KEPT}
    if told.kept:
        kept["photos"] = [photo.model_dump(exclude_none=True) for photo in told.kept]
    return Entry(
        SCIM,
        user.external_id or "",
        user.user_name or "",
        _full_name(user),
        _emails(user),
        is_here,
        json.dumps(kept, ensure_ascii=False, separators=(",", ":")),
    )


def _full_name(user: User) -> str:
    name = user.name
    if user.display_name or name is None:
        return user.display_name or ""
    return name.formatted or " ".join(filter(None, (name.given_name, name.family_name)))


def _emails(user: User) -> tuple[str, ...]:
    """Their addresses: the primary one, those for work, then others; else an address as name."""
    given = [email for email in user.emails or [] if email.value and email.value.strip()]
    by_rank = sorted(given, key=_rank)
    if by_rank:
        return tuple(email.value or "" for email in by_rank)
    return (user.user_name,) if user.user_name and email_in(user.user_name) else ()


def _rank(email: Email) -> tuple[bool, bool]:
    return not email.primary, email.type is not Email.Type.work


def _version(who: Enrolled) -> str:
    """A text that is another one after each change."""
    photo_id = who.user.photo.id if who.user.photo else 0
    parts = (who.user.updated_at, who.identity.seen_at, who.user.deleted_at, photo_id)
    return f'W/"{sha256(repr(parts).encode()).hexdigest()[:16]}"'


def _check_version(who: Enrolled, expected: str | None) -> None:
    if expected is not None and expected != _version(who):
        raise PreconditionFailedException


def _exception(refusal: NotEnrolled) -> SCIMException:
    if refusal.why is Why.OVERTAKEN:
        return PreconditionFailedException(detail=str(refusal))
    if refusal.why is Why.UNREADABLE:
        return InvalidValueException(detail=str(refusal))
    return UniquenessException(detail=str(refusal))


def _run(function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
    return from_thread.run(partial(function, *args))
