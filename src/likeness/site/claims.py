"""Reads a provider's claims about a user from its documents. No I/O.

Providers differ in how they write that an address is verified, and some never say it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from likeness.errors import NotAdmitted
from likeness.identities import ENTRA_ISSUER, SID_LENGTH_MAX, Claims, is_subject
from likeness.log import Log
from likeness.model import Secret

_EMAIL: Final = "email"
_VERIFIED: Final = ("email_verified", "xms_edov")
"""Members that say that an address is verified: of the standard, and of Entra (that the owner of
its domain is)."""

_ELSEWHERE: Final = "_claim_names"
"""The member in which Entra names claims that were too long: they have to be fetched elsewhere."""

_log = Log(__name__)


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """Which claims of a provider count.

    With `trusts_silence` an address counts as verified where the provider does not say whether it
    is. `admins` are pairs of a claim and a value; a user who has one of them administers the
    workspace. Without any the provider does not say who does. `picture` are claims about photos
    that are wanted.
    """

    trusts_silence: bool = False
    admins: tuple[tuple[str, str], ...] = ()
    picture: tuple[str, ...] = ()

    @property
    def wanted(self) -> frozenset[str]:
        """The claims that userinfo is asked for where the ID token does not have them."""
        return frozenset({_EMAIL, *(name for name, _ in self.admins), *self.picture})


def together(signed: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of an ID token, and those that only userinfo has.

    An address and what is said of it are taken from the same document.
    """
    of_address = {_EMAIL, *_VERIFIED} if _EMAIL in signed else set()
    return {name: more[name] for name in more if name not in of_address} | dict(signed)


def claims_of(said: Mapping[str, Any], rules: ClaimRules, access_token: str | None) -> Claims:
    """The claims by their rules. Raises NotAdmitted for a subject that nobody can have."""
    subject = _text(said, "sub")
    if not is_subject(subject):
        raise NotAdmitted("The provider did not say who you are.")
    email, sid, issuer = _text(said, _EMAIL), _text(said, "sid"), _text(said, "iss")
    # Elsewhere it is a claim like any other, which people may be able to set.
    object_id = _text(said, "oid") if issuer.startswith(ENTRA_ISSUER) else ""
    return Claims(
        issuer=issuer,
        subject=subject,
        email=email,
        is_email_verified=bool(email) and _is_verified(said, rules),
        name=_text(said, "name"),
        picture=_text(said, "picture") or None,
        sid=sid if 0 < len(sid) <= SID_LENGTH_MAX and sid.isprintable() else None,
        is_admin=_is_admin(said, rules),
        access_token=Secret(access_token) if access_token else None,
        object_id=object_id if is_subject(object_id) else None,
    )


def _is_verified(said: Mapping[str, Any], rules: ClaimRules) -> bool:
    """The first that the provider says of the address, or that it says nothing.

    What is said in an unknown way is no yes.
    """
    words = [said[name] for name in _VERIFIED if said.get(name) is not None]
    return _is_true(words[0]) if words else rules.trusts_silence


def _is_true(value: object) -> bool:
    """Whether it is true, or a text or number that stands for it at some provider."""
    return value is True or str(value).lower() in {"true", "1"}


def _is_admin(said: Mapping[str, Any], rules: ClaimRules) -> bool | None:
    """Whether one of the pairs is there; None where nobody can tell."""
    if not rules.admins:
        return None
    if any(value in _values(said.get(name)) for name, value in rules.admins):
        return True
    elsewhere = said.get(_ELSEWHERE)
    missing = {
        name for name, _ in rules.admins if isinstance(elsewhere, dict) and name in elsewhere
    }
    if missing:
        _log.warning(
            "claim_too_long",
            claims=sorted(missing),
            reason="the provider left it out; let it send roles, or fewer groups",
        )
        return None
    return False


def _values(value: object) -> list[str]:
    """A claim that is a text or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
