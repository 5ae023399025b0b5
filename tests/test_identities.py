"""The nouns of people as others know them: which source an identity has, and what is not shown."""

from typing import Any

from sqlalchemy import Column, String

from likeness.db.schema import identities, tokens
from likeness.identities import (
    ISSUER_LENGTH_MAX,
    OIDC_PREFIX,
    SID_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    USER_NAME_LENGTH_MAX,
    Claims,
    folded,
    oidc_source,
)
from likeness.model import Secret


def test_claims_and_identities_of_one_provider_have_one_source() -> None:
    """So that either leads to the other, also where the settings write it in another way."""
    for issuer in ("https://id.example.org/", "https://id.example.org"):
        assert Claims(issuer, "x").source == oidc_source(issuer) == "oidc:https://id.example.org"


def test_an_access_token_is_not_shown() -> None:
    """Wherever claims are printed."""
    assert "a token" not in repr(
        Claims("https://id.example.org", "x", access_token=Secret("a token"))
    )


def test_the_columns_hold_what_is_let_in() -> None:
    """PostgreSQL refuses longer texts."""
    assert length(identities.c.external_id) == SUBJECT_LENGTH_MAX
    assert length(identities.c.source) >= len(OIDC_PREFIX) + ISSUER_LENGTH_MAX
    assert length(tokens.c.issuer) == ISSUER_LENGTH_MAX
    assert length(tokens.c.sid) == SID_LENGTH_MAX


def length(column: Column[Any]) -> int:
    """Characters that a column of texts holds."""
    assert isinstance(column.type, String)
    assert column.type.length is not None
    return column.type.length


def test_directories_compare_user_names_without_capitals() -> None:
    """Nor by how a letter is put together; the column bounds their length."""
    assert folded(" ADA@Example.org ") == "ada@example.org"
    assert folded("Stra\u00dfe") == folded("STRASSE")
    assert len(folded("x" * 1000)) == USER_NAME_LENGTH_MAX
