"""Settings: the directory that people and photos come from by LDAP."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from likeness.config.kinds import AttributeNames, DirectoryUrl, Duration, LdapFilter, needed_with


class DirectorySettings(BaseModel):
    """Directories that people and photos come from."""

    ldap_url: DirectoryUrl = Field(
        "",
        description="Address of a directory, ldaps://HOST, or ldap://HOST, which becomes TLS "
        "before anything is said, but on this machine; empty: none.",
    )
    ldap_base: Annotated[str, needed_with("ldap_url")] = Field(
        "",
        validate_default=True,
        description="Below which entry people are, such as ou=people,dc=example,dc=org.",
    )
    ldap_bind_dn: str = Field(
        "", description="Account that reads the directory, by its DN; empty: nobody signs in."
    )
    ldap_bind_password: SecretStr = Field(
        SecretStr(""), validate_default=True, description="Its password."
    )
    ldap_filter: LdapFilter = Field("(mail=*)", description="Which entries are people.")
    ldap_photo: AttributeNames = Field(
        ("thumbnailPhoto", "jpegPhoto"),
        description="Attributes with photos; of several the larger picture is taken. Empty: "
        "photos are left alone.",
    )
    ldap_ca_file: str = Field(
        "",
        description="File with the authority that signed the directory's certificate, in PEM; "
        "empty: those that this machine believes.",
    )
    ldap_every: Duration = Field(
        timedelta(hours=1),
        ge=timedelta(minutes=1),
        description="How often the service reads the directory (1h).",
    )
    ldap_workspace: str = Field(
        "", description="Workspace of the directory's people; empty: the only one there is."
    )

    @field_validator("ldap_bind_password")
    @classmethod
    def _with_an_account(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        has_password, has_account = bool(value.get_secret_value()), info.data.get("ldap_bind_dn")
        if has_account and not has_password:
            raise ValueError(
                "is needed, since LIKENESS_LDAP_BIND_DN is set: without one a directory takes "
                "whoever signs in for a stranger, and says that all is well"
            )
        if has_password and not has_account:
            raise ValueError("is for the account in LIKENESS_LDAP_BIND_DN, which is not set")
        return value
