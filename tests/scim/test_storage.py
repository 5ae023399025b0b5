"""The storage of people: the contract of scim2-server's own tests, and what is ours beside it."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from anyio import to_thread
from anyio.from_thread import BlockingPortal, start_blocking_portal
from scim2_models import Resource, ResourceType, ScimProvider
from scim2_server.storage import ScimStorage, SearchPage
from scim2_server.testing import ScimStorageContract

from likeness.scim.schema import provider
from likeness.scim.storage import Directory
from support.enrolled import SCIM
from support.studio import Studio, studio

T = TypeVar("T")


class Addressed(ScimStorage):
    """The storage, called from a thread as it is by the door, where everybody has an address.

    The suite has people without.
    """

    def __init__(self, portal: BlockingPortal, work: Studio, tested: Directory) -> None:
        self._portal = portal
        self._work = work
        self._tested = tested
        self._numbers = count()

    def get(self, resource_type: ResourceType, resource_id: str, **said: Any) -> Resource[Any]:
        """One."""
        return self._called(partial(self._tested.get, resource_type, resource_id, **said))

    def search(
        self, resource_types: list[ResourceType], search_request: Any, **said: Any
    ) -> SearchPage:
        """Some."""
        page: SearchPage = self._called(
            partial(self._tested.search, resource_types, search_request, **said)
        )
        return page

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """A new one."""
        given: Any = resource.model_copy(deep=True)
        given.emails = [{"value": f"{next(self._numbers)}@example.org"}]
        sent = type(given).model_validate(given.model_dump())
        return self._called(partial(self._tested.create, resource_type, sent))

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], **said: Any
    ) -> Resource[Any]:
        """Another state."""
        self._work.clock.advance(seconds=1)
        return self._called(partial(self._tested.update, resource_type, resource, **said))

    def delete(self, resource_type: ResourceType, resource_id: str, **said: Any) -> None:
        """None any more."""
        self._called(partial(self._tested.delete, resource_type, resource_id, **said))

    def _called(self, function: Callable[[], T]) -> T:
        return self._portal.call(to_thread.run_sync, function)


LEFT_OUT: Final = (
    "test_cursor_at_the_root",
    "test_cursor_gives_stable_pages_when_a_resource_is_created",
    "test_cursor_gives_stable_pages_when_a_resource_of_the_page_is_deleted",
    "test_cursor_pages_back",
    "test_cursor_pages_back_after_a_deletion",
    "test_cursor_pages_equal_sort_values_once",
    "test_cursor_pages_every_resource_once",
    "test_cursor_pages_in_sort_order",
    "test_cursor_with_count_zero",
    "test_get_a_resource_of_another_type",
    "test_get_keeps_what_the_response_returns",
    "test_search_a_resource_type",
    "test_search_at_the_root",
    "test_search_at_the_root_on_an_attribute_some_types_lack",
    "test_search_filters_as_the_filter_evaluator",
    "test_search_sorted",
    "test_search_sorts_as_search_request_sort",
)
"""Tests of the suite about groups, orders, cursors and filters that are not offered."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[BlockingPortal, Studio]]:
    """An event loop in a thread, and a service on it."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(studio(tmp_path / "data")) as work,
    ):
        yield portal, work


class TestDirectory(ScimStorageContract):
    """All of it but for groups, orders and filters that are not offered."""

    @pytest.fixture
    def provider(self) -> ScimProvider:
        """Ours."""
        return provider()

    @pytest.fixture
    def storage(self, opened: tuple[BlockingPortal, Studio]) -> ScimStorage:
        """Empty, as the people of before are none of the directory's."""
        portal, work = opened
        team = portal.call(work.service.people.team)
        tested = Directory(work.service.enrolling, team, SCIM, "https://photos.example.com")
        return Addressed(portal, work, tested)


for each in LEFT_OUT:
    setattr(TestDirectory, each, None)
