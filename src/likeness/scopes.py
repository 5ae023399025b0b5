"""What a token may do: the scopes that it is issued with, by Slack's names (contract § 3.1)."""

from typing import Final

WRITE_SCOPE: Final = "users.profile:write"
EMAIL_SCOPE: Final = "users:read.email"
TEAM_SCOPE: Final = "team:read"
ADMIN_SCOPE: Final = "admin.users:write"
"""A token with this scope, an extension of ours, may name whose photo is meant (contract § 3.3)."""

IDENTITY_SCOPES: Final = ("identity.basic", "identity.email", "identity.avatar", "identity.team")
"""What programs ask for where people sign in with Slack: each gives more of `users.identity`."""

OPENID_SCOPES: Final = ("openid", "email", "profile")
"""The same where they use OpenID Connect, by `openid.connect.userInfo`."""

SCOPES_DEFAULT: Final = (
    "users.profile:read",
    WRITE_SCOPE,
    "users:read",
    EMAIL_SCOPE,
    TEAM_SCOPE,
)
"""What a token may do unless told otherwise: read people, and write its owner's photo.

Not who signed in: the real service gives that to tokens of their own, and tests of clients rely on
`missing_scope` for others.
"""

SCIM_SCOPE: Final = "scim:write"
"""With this scope, an extension of ours, a bot of a directory brings people in, by SCIM."""

SCOPES: Final = (*SCOPES_DEFAULT, *IDENTITY_SCOPES, *OPENID_SCOPES, ADMIN_SCOPE, SCIM_SCOPE)
"""Every scope that somebody asks for."""
