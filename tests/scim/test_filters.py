"""What directories may look for, and that everything else is refused."""

import pytest
from scim2_models import Context, InvalidFilterException, SearchRequest

from likeness.identities import Condition, Sought
from likeness.scim.filters import conditions
from likeness.scim.schema import User


def read(text: str) -> tuple[Condition, ...]:
    """The conditions of a filter."""
    asked = SearchRequest[User].model_validate({"filter": text}, scim_ctx=Context.SEARCH_REQUEST)
    assert asked.filter is not None
    return conditions(asked.filter.ast)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('userName eq "ADA@Example.org"', [(Sought.USER_NAME, "ada@example.org")]),
        ('USERNAME Eq "ada"', [(Sought.USER_NAME, "ada")]),
        (
            'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada"',
            [(Sought.USER_NAME, "ada")],
        ),
        ('id eq "U1"', [(Sought.ID, "U1")]),
        ('externalId eq "Aa"', [(Sought.EXTERNAL_ID, "Aa")]),
        ('emails.value eq "ADA@x.example"', [(Sought.EMAIL, "ada@x.example")]),
        ('emails eq "ada@x.example"', [(Sought.EMAIL, "ada@x.example")]),
        ('emails eq "no address"', [(Sought.EMAIL, "")]),
        ('emails[type eq "work"].value eq "a@x.example"', [(Sought.EMAIL, "a@x.example")]),
        ('emails[type eq "work" and value eq "a@x.example"]', [(Sought.EMAIL, "a@x.example")]),
        ('emails[value eq "a@x.example"]', [(Sought.EMAIL, "a@x.example")]),
        ("active eq true", [(Sought.ACTIVE, True)]),
        ('active eq "False"', [(Sought.ACTIVE, False)]),
        (
            'userName eq "ada" and (active eq true and id eq "U1")',
            [(Sought.USER_NAME, "ada"), (Sought.ACTIVE, True), (Sought.ID, "U1")],
        ),
    ],
)
def test_what_directories_ask_is_understood(text: str, expected: list[Condition]) -> None:
    """In any capitals; the type of an address is no condition."""
    assert list(read(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        'userName ne "ada"',
        'userName co "ada"',
        'userName sw "ada"',
        "userName pr",
        "userName eq null",
        "active eq null",
        'not (userName eq "ada")',
        'userName eq "ada" or userName eq "bob"',
        'displayName eq "Ada"',
        'meta.created eq "2026-11-29T00:00:00Z"',
        'emails.type eq "work"',
        'emails[type eq "work"]',
        'emails[type eq "work" or value eq "a@x.example"]',
        'emails[not (value eq "a@x.example")]',
        'emails[value co "a@x.example"]',
        'emails[value eq "a@x.example" and primary eq true]',
        'photos[value eq "https://x.example"]',
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    """An empty answer would say that there is nobody."""
    with pytest.raises(InvalidFilterException, match="eq and and"):
        read(text)
