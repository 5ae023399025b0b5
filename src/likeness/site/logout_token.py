"""Checks the claims of a logout token, by which a provider ends a session. No I/O.

OpenID Connect Back-Channel Logout 1.0, section 2.6. The signature is checked before, by
`oidc.Provider`, with the keys and algorithms of ID tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from likeness.errors import NotAdmitted
from likeness.identities import SID_LENGTH_MAX, SUBJECT_LENGTH_MAX

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
"""The member of `events` that makes it a logout token."""

LIFE_S: Final = 600
"""How old a token may be. The specification advises providers to let them live two minutes."""

LEEWAY_S: Final = 60
"""How far the clocks of a provider and ours may be apart."""

ID_LENGTH_MAX: Final = 1000
"""Characters of the id of a token; providers use some thirty."""


@dataclass(frozen=True, slots=True)
class Logout:
    """Which sessions are over: that of `sid`, or, where that is "", all of `subject`.

    `token_id` is the token's own name; `until_s` is when its life is over, in seconds since 1970.
    """

    issuer: str
    subject: str
    sid: str
    token_id: str
    until_s: float


def logout_of(claims: Mapping[str, Any], issuer: str, client_id: str, now_s: float) -> Logout:
    """Read the claims of a signed token. Raises NotAdmitted where they are no logout of ours.

    `issuer` and `client_id` are whose and for whom it must be, `now_s` is in seconds since 1970.
    """
    _require(claims.get("iss") == issuer, "it is another issuer's")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    _require(client_id in audiences, "it is for another client")
    issued_s, until_s = _seconds(claims, "iat"), _seconds(claims, "exp")
    _require(issued_s is not None, "it does not say when it was issued")
    issued_s = issued_s or 0.0
    ends_s = min(issued_s + LIFE_S, issued_s + LIFE_S if until_s is None else until_s)
    _require(issued_s - LEEWAY_S <= now_s, "it is from the future")
    _require(now_s <= ends_s + LEEWAY_S, "its life is over")
    events = claims.get("events")
    is_logout = isinstance(events, dict) and isinstance(events.get(EVENT), dict)
    _require(is_logout, "it is not about a logout")
    _require("nonce" not in claims, "it has a nonce, as only ID tokens have")
    token_id = _text(claims, "jti", ID_LENGTH_MAX)
    _require(token_id != "", "it has no id")
    subject, sid = _text(claims, "sub", SUBJECT_LENGTH_MAX), _text(claims, "sid", SID_LENGTH_MAX)
    _require(subject != "" or sid != "", "it names neither somebody nor a session")
    return Logout(issuer, subject, sid, token_id, ends_s + LEEWAY_S)


def _require(is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - It reads as a sentence.
    if not is_so:
        raise NotAdmitted(f"This logout token is not believed: {otherwise}.")


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    """A moment in seconds since 1970; None where it is not there. Raises NotAdmitted for a word."""
    value = claims.get(name)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    _require(is_number and abs(value) < 2**53, f"its {name} is no moment")
    return float(value)


def _text(claims: Mapping[str, Any], name: str, length_max: int) -> str:
    """A text that can be kept, or "" where none is there. Raises NotAdmitted for anything else."""
    value = claims.get(name, "")
    is_text = isinstance(value, str) and len(value) <= length_max
    _require(is_text and (value == "" or value.isprintable()), f"its {name} cannot be read")
    return str(value)
