"""The table of all methods."""

from likeness.webapi.methods import METHODS


def test_every_method_is_found_by_the_name_that_it_has() -> None:
    """Those of people and those of callers."""
    assert {"auth.test", "users.info", "users.setPhoto"} <= METHODS.keys()
    assert all(name == method.name for name, method in METHODS.items())
