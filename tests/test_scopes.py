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


def test_every_scope_that_a_method_needs_is_issued_by_default() -> None:
    """And none is issued that nothing asks for."""
    needed = {method.scope for method in METHODS.values()} - {None}

    assert needed <= set(SCOPES_DEFAULT)
    beside = {"users:read.email", *IDENTITY_SCOPES, *OPENID_SCOPES}
    assert set(SCOPES_DEFAULT) == needed | beside


def test_to_administer_has_to_be_asked_for() -> None:
    """And to be a directory."""
    assert set(SCOPES) - set(SCOPES_DEFAULT) == {ADMIN_SCOPE, SCIM_SCOPE}
