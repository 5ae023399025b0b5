"""Settings: who signs people in to the page, and what is believed of what they say."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from likeness.config.kinds import (
    ClaimValues,
    Duration,
    Hosts,
    Issuer,
    Networks,
    Scopes,
    Workspaces,
    is_of_many_tenants,
    needed_with,
)
from likeness.email_address import normal_domain


class SigningInSettings(BaseModel):
    """Signing in to the page: sessions, providers and proxies."""

    session_lifetime: Duration = Field(
        timedelta(hours=12),
        gt=timedelta(0),
        description="How long somebody stays signed in to the page (12h).",
    )
    sign_in_workspaces: Workspaces = Field(
        (),
        description="Workspace of those whom OIDC or a proxy signs in: NAME, or DOMAIN=NAME for "
        "the addresses of one domain; several with commas. Empty: the only one there is.",
    )
    oidc_issuer: Issuer = Field(
        "", description="Address of an OpenID Connect provider; empty: none."
    )
    oidc_client_id: Annotated[str, needed_with("oidc_issuer")] = Field(
        "", validate_default=True, description="What the provider knows this service by."
    )
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="What proves to the provider that it is this service."
    )
    oidc_name: str = Field(
        "single sign-on", description="The provider, as the button names it: Sign in with ..."
    )
    oidc_scopes: Scopes = Field(
        ("openid", "email", "profile"),
        description="What the provider is asked for; some want groups before they tell any.",
    )
    oidc_email: Literal["verified", "trusted"] = Field(
        "verified",
        validate_default=True,
        description="Addresses by which the provider's people are found: those that it says are "
        "verified; or (trusted) also those of which it does not say whether they are, as Entra.",
    )
    oidc_admins: ClaimValues = Field(
        (),
        description="Who administers, by what the provider says of them: CLAIM=VALUE, such as "
        "groups=likeness-admins; several with commas. Empty: those who are promoted.",
    )
    picture_hosts: Hosts = Field(
        (),
        description="Hosts that the provider's photos of people may be fetched from, each HOST or "
        "HOST:PORT, such as lh3.googleusercontent.com; several with commas. Empty: none is "
        "fetched.",
    )
    proxy_user_header: str = Field(
        "",
        pattern=r"^[A-Za-z0-9-]*$",
        description="Header in which a proxy names who is signed in, such as X-Forwarded-Email; "
        "empty: none.",
    )
    proxy_addresses: Annotated[Networks, needed_with("proxy_user_header")] = Field(
        (),
        validate_default=True,
        description="Addresses of the proxies whose word counts, about who is signed in and, in "
        "X-Forwarded-For, whose address the log names, such as 127.0.0.1,10.0.0.0/24.",
    )

    @field_validator("oidc_email")
    @classmethod
    def _of_one_organisation(cls, value: str, info: ValidationInfo) -> str:
        if value == "trusted" and is_of_many_tenants(info.data.get("oidc_issuer", "")):
            raise ValueError(
                "must be verified, since LIKENESS_OIDC_ISSUER signs in people of every "
                "organisation, who can have any address; name your own tenant by its id there"
            )
        return value

    @property
    def workspaces(self) -> dict[str, str]:
        """Domains in normal form, "" for any other, to the workspace where they belong."""
        pairs = [part.rpartition("=") for part in self.sign_in_workspaces]
        return {normal_domain(domain): name for domain, _, name in pairs}

    @property
    def admin_claims(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a claim and the value that makes an administrator."""
        pairs = (part.partition("=") for part in self.oidc_admins)
        return tuple((claim, value) for claim, _, value in pairs)
