"""The published API description is valid, and the service keeps to it whatever it is sent."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.core import given
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from likeness.webapi.methods import METHODS
from support import web
from support.live import LiveServer, Person
from support.people import Cast

EXAMPLES = 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = [(name, verb) for name in METHODS for verb in ("GET", "POST")]


@pytest.fixture(scope="module")
def description(server: LiveServer) -> dict[str, Any]:
    """The document as a tool would fetch it."""
    document: dict[str, Any] = web.get(f"{server.url}/openapi.json").json()
    return document


@pytest.fixture
def token(name: str, people: Cast, request: pytest.FixtureRequest) -> str:
    """A token; one of its own for the method that may end it."""
    if name != "auth.revoke":
        return people.other
    person: Person = request.getfixturevalue("person")
    return person.token


def test_the_description_is_valid(description: dict[str, Any]) -> None:
    """By the specification's own schema."""
    validate(description)


def test_the_description_names_every_method(description: dict[str, Any]) -> None:
    """Each for both verbs, and nothing else."""
    described = {
        (path.removeprefix("/api/"), verb.upper())
        for path, operations in description["paths"].items()
        for verb in operations
    }

    assert set(OPERATIONS) == described


@pytest.mark.parametrize(("name", "verb"), OPERATIONS)
def test_the_service_keeps_to_its_description(
    name: str, verb: str, description: dict[str, Any], server: LiveServer, token: str
) -> None:
    """Generated arguments, sensible and not, never give a 5xx or an undescribed answer."""
    schema = schemathesis.openapi.from_dict(description)
    schema.config.update(base_url=server.url)
    headers = {"Authorization": f"Bearer {token}"}

    @given(case=schema[f"/api/{name}"][verb].as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def keeps(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    keeps()
