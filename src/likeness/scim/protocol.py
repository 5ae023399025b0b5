"""One request of a directory from bytes to an answer, by scim2-server, in a worker thread."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from pydantic_core import from_json
from scim2_models import (
    InvalidFilterException,
    InvalidPathException,
    InvalidSyntaxException,
    InvalidValueException,
    PatchOp,
    PreconditionFailedException,
    Resource,
    ResourceType,
    SCIMException,
    SearchRequest,
)
from scim2_server.conditions import Conditions
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from likeness.enrolling import Enrolling
from likeness.scim.filters import FILTER_LENGTH_MAX
from likeness.scim.messages import Answered, Asked, Said
from likeness.scim.schema import provider
from likeness.scim.shape import lost_key, why_not
from likeness.scim.storage import Directory

ATTEMPTS_MAX: Final = 3
"""How often a change is made anew whose person somebody else changed at the same moment."""

DETAIL_LENGTH_MAX: Final = 500
"""Characters of why something is refused."""

T = TypeVar("T")

_WITH_BODY: Final = {"POST", "PUT", "PATCH"}


class Service(ScimService):
    """The protocol, with bounds on what it is asked to make sense of."""

    def read_search(
        self, resource_types: list[ResourceType], payload: Any
    ) -> tuple[SearchRequest[Any], Any]:
        """Do so for filters of a bounded length. Raises InvalidFilterException."""
        said = payload.items() if isinstance(payload, dict) else ()
        for name, value in said:
            if name.casefold() == "filter" and len(str(value)) > FILTER_LENGTH_MAX:
                raise InvalidFilterException(
                    detail=f"the filter has {len(str(value))} characters, of {FILTER_LENGTH_MAX}"
                )
        return super().read_search(resource_types, payload)


class Handler(ScimHandler):
    """The handling of one request, which begins again where somebody else comes in between."""

    def replace_resource(
        self,
        resource_type: ResourceType,
        current: Resource[Any],
        replacement: Resource[Any],
        conditions: Conditions,
    ) -> Resource[Any]:
        """Let somebody be as they are said."""

        def attempt() -> Resource[Any]:
            now = self.storage.get(resource_type, str(current.id))
            again = replacement.model_copy(deep=True)
            return super(Handler, self).replace_resource(resource_type, now, again, conditions)

        return _repeated(attempt)

    def patch_resource(
        self,
        resource_type: ResourceType,
        resource_id: str,
        patch_op: "PatchOp[Any]",
        conditions: Conditions,
    ) -> Resource[Any]:
        """Change what is said of somebody."""

        def attempt() -> Resource[Any]:
            again = patch_op.model_copy(deep=True)
            return super(Handler, self).patch_resource(
                resource_type, resource_id, again, conditions
            )

        return _repeated(attempt)

    def delete_resource(
        self, resource_type: ResourceType, resource_id: str, conditions: Conditions
    ) -> None:
        """Let somebody be gone."""
        _repeated(
            lambda: super(Handler, self).delete_resource(resource_type, resource_id, conditions)
        )


class Protocol:
    """Answers requests. One for each process, since the description of the service is costly."""

    def __init__(self, enrolling: Enrolling, base_url: str, photo_url: str) -> None:
        self._service = Service(provider())
        self._enrolling = enrolling
        self._base_url = base_url
        self._photo_url = photo_url

    def answer(self, asked: Asked) -> Answered:
        """The answer to a request, also where that is a refusal.

        Without a team only the description of the service is given. It blocks, in a thread of
        anyio's. Raises ServiceUnavailable.
        """
        request = ScimRequest(
            asked.method, self._base_url, asked.path, asked.query, asked.headers, asked.body
        )
        try:
            if asked.team is None:
                said = self._service.service_provider_config(request.url, request.query)
                return _answered(said)
            _check_shape(request)
            directory = Directory(self._enrolling, asked.team, asked.by, self._photo_url)
            return _answered(Handler(self._service, directory).handle(request), directory.photo)
        except SCIMException as refusal:
            return _answered(_shortened(self._service.error_response(refusal)))


def _answered(response: ScimResponse, photo: Said | None = None) -> Answered:
    return Answered(int(response.status), response.body, response.headers, photo)


def _shortened(response: ScimResponse) -> ScimResponse:
    """A refusal that repeats no more than the beginning of what was sent."""
    if response.body:
        response.body["detail"] = str(response.body.get("detail") or "")[:DETAIL_LENGTH_MAX]
    return response


def _check_shape(request: ScimRequest) -> None:
    """Raise for a body that is no JSON, or too much of it."""
    if request.method not in _WITH_BODY or not request.body:
        return
    try:
        value = from_json(request.body)
    except ValueError as error:
        raise InvalidSyntaxException(detail=f"the body is no JSON: {error}") from error
    if reason := why_not(value):
        raise InvalidValueException(detail=reason)
    if request.method == "PATCH" and (key := lost_key(value)):
        raise InvalidPathException(detail=f"{key} has a filter, and has to be the path")


def _repeated(attempt: Callable[[], T]) -> T:
    for _ in range(ATTEMPTS_MAX - 1):
        try:
            return attempt()
        except PreconditionFailedException:
            continue
    return attempt()
