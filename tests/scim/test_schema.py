"""What is published by SCIM."""

from likeness.scim.schema import PAGE_LENGTH_MAX, provider


def test_the_schema_is_a_part_of_the_core() -> None:
    """Of people alone; an address is asked for, since nobody can be here without."""
    [schema] = provider().schemas
    named = {each.name: each for each in schema.attributes or []}

    assert set(named) == {"userName", "name", "displayName", "active", "emails", "photos"}
    assert [name for name, each in named.items() if each.required] == ["userName", "emails"]
    parts = {each.name: bool(each.required) for each in named["emails"].sub_attributes or []}
    assert parts == {"value": True, "type": False, "primary": False}


def test_what_is_not_offered_is_said() -> None:
    """Clients read it before they try."""
    config = provider().config
    assert config
    said = config.model_dump()

    supported = {name for name, each in said.items() if isinstance(each, dict) if each["supported"]}
    assert supported == {"patch", "filter"}
    assert said["filter"]["maxResults"] == PAGE_LENGTH_MAX
    assert [each["type"] for each in said["authenticationSchemes"]] == ["oauthbearertoken"]
