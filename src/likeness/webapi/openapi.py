"""Renders the table of methods as an OpenAPI document and as reference pages."""

from collections.abc import Mapping
from typing import Any, Final

from likeness.errors import Refusal
from likeness.version import VERSION
from likeness.webapi.method import COMMON_ERRORS, Argument, Audience, Method, Upload
from likeness.webapi.multipart import FIELD_LENGTH_MAX

_TOKEN: Final[list[dict[str, list[str]]]] = [{"token": []}]
_ANSWER: Final = {
    "type": "object",
    "required": ["ok"],
    "properties": {"ok": {"type": "boolean"}, "error": {"type": "string"}},
}
_KINDS: Final = {Upload: "file", str: "text", int: "integer", float: "number", bool: "boolean"}
_HEADER: Final = "Answers are HTTP 200 whatever they say, but for `ratelimited`: look at `ok`."


def openapi(methods: Mapping[str, Method], public_url: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document of all methods, for GET and POST."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Likeness",
            "version": VERSION,
            "description": f"Profile photos by Slack's Web API. {_HEADER}",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": public_url}],
        "paths": {f"/api/{name}": _path(method) for name, method in methods.items()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Answer": _ANSWER},
        },
    }


def _path(method: Method) -> dict[str, Any]:
    get = _operation(method, "get")
    get["parameters"] = [
        {"name": argument.name, "in": "query", **_described(argument), "schema": _schema(argument)}
        for argument in method.arguments
        if argument.kind is not Upload
    ]
    post = _operation(method, "post")
    if method.arguments:
        post["requestBody"] = {"content": _contents(method)}
    return {"get": get, "post": post}


def _operation(method: Method, verb: str) -> dict[str, Any]:
    codes = sorted({error.code for error in all_errors(method)})
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}
    return {
        "operationId": f"{verb}_{method.name.replace('.', '_')}",
        "summary": method.description,
        "description": f"{_needs(method)} Errors: {', '.join(codes)}.",
        "tags": [method.name.partition(".")[0]],
        "security": [] if method.audience is Audience.ANYONE else _TOKEN,
        "responses": {
            "200": {"description": "An answer with `ok`, true or false.", "content": answer},
            "429": {
                "description": "Too many calls.",
                "headers": {"Retry-After": {"schema": {"type": "integer"}}},
                "content": answer,
            },
        },
    }


def _contents(method: Method) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            argument.name: {**_schema(argument), **_described(argument)}
            for argument in method.arguments
        },
    }
    if method.takes_upload:
        return {"multipart/form-data": {"schema": schema}}
    return {
        media_type: {"schema": schema}
        for media_type in ("application/x-www-form-urlencoded", "application/json")
    }


def _schema(argument: Argument) -> dict[str, Any]:
    if argument.kind is Upload:
        return {"type": "string", "format": "binary"}
    if argument.kind is str:
        return {"type": "string", "maxLength": FIELD_LENGTH_MAX}
    return {"type": _KINDS[argument.kind]}


def _described(argument: Argument) -> dict[str, str]:
    return {"description": argument.about.description}


def all_errors(method: Method) -> tuple[type[Refusal], ...]:
    """The refusals of a method: its own, then those of every method."""
    return tuple(dict.fromkeys((*method.errors, *COMMON_ERRORS)))


def method_document(method: Method) -> dict[str, Any]:
    """One row of the table, for programs."""
    return {
        "name": method.name,
        "verb": method.verb,
        "scope": method.scope,
        "calls_a_minute": method.tier.value,
        "callers": method.audience.value,
        "is_extension": method.is_extension,
        "description": method.description,
        "arguments": [argument.name for argument in method.arguments],
        "errors": [error.code for error in method.errors],
        "common_errors": [error.code for error in COMMON_ERRORS],
    }


def methods_table(methods: Mapping[str, Method]) -> str:
    """The methods as a Markdown table, each linked to its page."""
    rows = [
        f"| [`{name}`](docs/reference/methods/{name}.md) | {method.description} "
        f"| {f'`{method.scope}`' if method.scope else '-'} | {method.tier.value} |"
        for name, method in methods.items()
    ]
    head = "| method | what it does | scope | calls a minute |\n| --- | --- | --- | --- |"
    return "\n".join([head, *rows]) + "\n"


def reference_page(method: Method) -> str:
    """The page of one method, in Markdown."""
    extension = "\nAn extension of ours; Slack has no public method of this name.\n"
    parts = [
        f"# {method.name}\n\n{method.description}\n",
        extension if method.is_extension else "",
        f"\n{_needs(method)} {_HEADER}\n\n    {method.verb} /api/{method.name}\n",
        _arguments_section(method),
        _errors_section("Errors", method.errors),
        _errors_section(
            "Errors of every method",
            tuple(error for error in COMMON_ERRORS if error not in method.errors),
        ),
    ]
    return "".join(parts)


def _needs(method: Method) -> str:
    if method.audience is Audience.ANYONE:
        return "Needs no token."
    scope = f" with the scope `{method.scope}`" if method.scope else ""
    return (
        f"Needs a token{scope}; for {method.audience.value}. "
        f"At most {method.tier.value} calls a minute by one user."
    )


def _arguments_section(method: Method) -> str:
    if not method.arguments:
        return ""
    rows = "".join(
        f"| `{argument.name}` | {_KINDS[argument.kind]} "
        f"| {f'`{argument.about.example}`' if argument.about.example else ''} "
        f"| {argument.about.description} |\n"
        for argument in method.arguments
    )
    head = "| argument | type | example | what it is |\n| --- | --- | --- | --- |\n"
    return f"\n## Arguments\n{head}{rows}"


def _errors_section(title: str, refusals: tuple[type[Refusal], ...]) -> str:
    rows = "".join(f"| `{error.code}` | {error.description()} |\n" for error in refusals)
    head = "| error | when |\n| --- | --- |\n"
    return f"\n## {title}\n{head}{rows}" if rows else ""
