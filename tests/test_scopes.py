"""What a token may do, and what methods ask for."""

from likeness.scopes import (
    ADMIN_SCOPE,
    IDENTITY_SCOPES,
    OPENID_SCOPES,
    SCIM_SCOPE,
    SCOPES,
    SCOPES_DEFAULT,
)
from likeness.webapi.methods import METHODS


def test_every_scope_is_needed_for_something() -> None:
    """And every one that a method needs can be issued."""
    needed = {method.scope for method in METHODS.values()} - {None}

    within = {"users:read.email", ADMIN_SCOPE, SCIM_SCOPE, *IDENTITY_SCOPES, *OPENID_SCOPES}
    assert set(SCOPES) == needed | within


def test_to_administer_and_to_sign_in_have_to_be_asked_for() -> None:
    """All others are issued by default."""
    asked_for = {ADMIN_SCOPE, SCIM_SCOPE, *IDENTITY_SCOPES, *OPENID_SCOPES}
    assert set(SCOPES) - set(SCOPES_DEFAULT) == asked_for
