"""What is published of people by SCIM: a part of the core schema, and what the service can do.

Attributes that stand nowhere here are accepted and dropped, as clients send all that they know.
"""

from functools import cached_property
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    ExtensibleStringEnum,
    External,
    Filter,
    Patch,
    Reference,
    Required,
    Resource,
    Schema,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from likeness.scim.shape import PICTURE

PAGE_LENGTH_MAX: Final = 200
"""People in one answer: each takes a millisecond."""

_BEARER: Final = AuthenticationScheme(
    type=AuthenticationScheme.Type.oauthbearertoken,
    name="Token of a bot",
    description="A token of a bot with the scope scim:write, as Authorization: Bearer xoxb-...",
    spec_uri=Reference[External]("https://datatracker.ietf.org/doc/html/rfc6750"),
    primary=True,
)

POLICY: Final = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""What Microsoft Entra sends is understood, where it is not quite what the standard has."""


class Name(ComplexAttribute):
    """The parts of a name."""

    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    middle_name: str | None = None


class Email(ComplexAttribute):
    """One address."""

    class Type(ExtensibleStringEnum):
        """What an address is for."""

        work = "work"
        home = "home"
        other = "other"

    # Not `EmailStr`: that refuses the .local domains that many organisations have.
    value: str | None = None
    type: Type | None = None
    primary: bool | None = None


def _picture_or_url(said: Any, url: ValidatorFunctionWrapHandler) -> Any:
    """A URL; "" is none. One that holds a picture is not parsed, which takes 0.3 s for 10 MiB."""
    if isinstance(said, str) and said.startswith(PICTURE):
        return Reference[External](said)
    return url(said or None)


class Photo(ComplexAttribute):
    """One picture, by its URL, or in a URL of its own."""

    class Type(ExtensibleStringEnum):
        """What a picture is."""

        photo = "photo"
        thumbnail = "thumbnail"

    value: Annotated[Reference[External] | None, WrapValidator(_picture_or_url), CaseExact.true] = (
        None
    )
    type: Type | None = None
    primary: bool | None = None


class User(Resource):  # type: ignore[type-arg] # - It has no extension.
    """A person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = Field(
        None, description="What they sign in by; where no emails are sent, an address."
    )
    name: Name | None = None
    Name: ClassVar[type[ComplexAttribute]] = Name
    display_name: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None
    Emails: ClassVar[type[ComplexAttribute]] = Email
    photos: list[Photo] | None = None
    Photos: ClassVar[type[ComplexAttribute]] = Photo


class Provider(ScimProvider):
    """The description of the service, with the one thing that the models do not say."""

    @cached_property
    def schemas(self) -> tuple[Schema, ...]:
        """As the models have them, but for emails.

        Somebody without an address cannot be here. The models let emails be missing all the same,
        since a user name that is an address may stand for them.
        """
        described = super().schemas
        for schema in described:
            for attribute in schema.attributes or []:
                if attribute.name == "emails":
                    attribute.required = Required.true
                    for part in attribute.sub_attributes or []:
                        part.required = Required(part.name == "value")
        return described


def provider() -> Provider:
    """The description of the service, made once."""
    return Provider(
        [User],
        config=ServiceProviderConfig(
            patch=Patch(supported=True),
            bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
            filter=Filter(supported=True, max_results=PAGE_LENGTH_MAX),
            change_password=ChangePassword(supported=False),
            sort=Sort(supported=False),
            etag=ETag(supported=False),
            authentication_schemes=[_BEARER],
        ),
        policy=POLICY,
    )
