"""The table of methods as documents: what each row becomes, for programs and for readers."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from likeness.webapi import auth, photos, users
from likeness.webapi.method import COMMON_ERRORS, Method, table
from likeness.webapi.multipart import FIELD_LENGTH_MAX
from likeness.webapi.openapi import (
    all_errors,
    method_document,
    methods_table,
    openapi,
    reference_page,
)

METHODS = table(photos, users, auth)
DOCUMENT = openapi(METHODS, "https://photos.example.org")
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))


def operation(name: str, verb: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][f"/api/{name}"][verb]
    return found


def test_the_document_is_valid_and_says_where_it_is_served() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["servers"] == [{"url": "https://photos.example.org"}]
    assert list(DOCUMENT["paths"]) == [f"/api/{name}" for name in METHODS]


@every_method
def test_operations_have_ids_of_their_own(method: Method) -> None:
    name = method.name.replace(".", "_")
    assert operation(method.name, "get")["operationId"] == f"get_{name}"
    assert operation(method.name, "post")["operationId"] == f"post_{name}"


def test_pictures_are_sent_as_multipart() -> None:
    content = operation("users.setPhoto", "post")["requestBody"]["content"]
    assert list(content) == ["multipart/form-data"]
    fields = content["multipart/form-data"]["schema"]["properties"]
    assert fields["image"]["format"] == "binary"
    assert fields["crop_x"]["type"] == "number"


def test_pictures_do_not_fit_into_a_query() -> None:
    names = [parameter["name"] for parameter in operation("users.setPhoto", "get")["parameters"]]
    assert names == ["crop_x", "crop_y", "crop_w", "id", "rotate", "user"]


def test_plain_arguments_are_sent_as_form_or_json() -> None:
    content = operation("users.info", "post")["requestBody"]["content"]
    assert list(content) == ["application/x-www-form-urlencoded", "application/json"]
    fields = content["application/json"]["schema"]["properties"]
    assert fields["user"] == {
        "type": "string",
        "maxLength": FIELD_LENGTH_MAX,
        "description": "Id of the person.",
    }
    assert fields["include_locale"]["type"] == "boolean"


def test_a_method_without_arguments_has_no_body() -> None:
    assert "requestBody" not in operation("auth.test", "post")


def test_only_what_is_open_to_anyone_needs_no_token() -> None:
    assert operation("api.test", "get")["security"] == []
    assert operation("auth.test", "get")["security"] == [{"token": []}]


@every_method
def test_a_description_names_each_error(method: Method) -> None:
    text = operation(method.name, "post")["description"]
    for error in all_errors(method):
        assert error.code in text


@every_method
def test_own_errors_come_first_and_each_once(method: Method) -> None:
    errors = all_errors(method)
    assert errors[: len(method.errors)] == method.errors
    assert len(set(errors)) == len(errors)
    assert set(errors) == {*method.errors, *COMMON_ERRORS}, (
        "all_errors of src/likeness/webapi/openapi.py: its own, and COMMON_ERRORS of method.py"
    )


def test_a_row_for_programs() -> None:
    row = method_document(METHODS["users.preparePhoto"])
    assert {key: row[key] for key in ("name", "verb", "scope", "calls_a_minute")} == {
        "name": "users.preparePhoto",
        "verb": "POST",
        "scope": "users.profile:write",
        "calls_a_minute": 20,
    }
    assert row["callers"] == "people"
    assert row["is_extension"] is True
    assert row["arguments"] == ["image"]
    assert row["errors"] == [
        "bad_image",
        "too_large",
        "too_many_frames",
        "user_is_bot",
        "not_allowed_token_type",
    ]
    assert row["common_errors"] == [error.code for error in COMMON_ERRORS]


def test_the_table_has_a_line_for_each_method() -> None:
    lines = methods_table(METHODS).splitlines()
    assert len(lines) == 2 + len(METHODS)
    assert "| [`api.test`](docs/reference/methods/api.test.md) |" in lines[-1]
    assert lines[-1].endswith("| - | 100 |")


def test_the_page_of_a_method() -> None:
    page = reference_page(METHODS["users.setPhoto"])
    assert page.startswith("# users.setPhoto\n")
    assert "POST /api/users.setPhoto" in page
    assert (
        "with the scope `users.profile:write`; for people. At most 20 calls a minute by one user."
        in page
    )
    assert "| `crop_w` | number | `100` |" in page
    assert "| `id` | text |  |" in page
    assert "An extension of ours" not in page


def test_the_page_of_an_extension_says_so() -> None:
    assert "An extension of ours" in reference_page(METHODS["users.preparePhoto"])


def test_the_page_of_a_method_for_anyone() -> None:
    page = reference_page(METHODS["api.test"])
    assert "Needs no token." in page
    assert "## Errors\n" not in page


def test_the_page_of_a_method_without_arguments_or_scope() -> None:
    page = reference_page(METHODS["auth.test"])
    assert "## Arguments" not in page
    assert "Needs a token; for people and bots." in page


@every_method
def test_a_page_lists_each_error_once(method: Method) -> None:
    page = reference_page(method)
    for error in all_errors(method):
        assert page.count(f"| `{error.code}` | {error.description()} |") == 1
