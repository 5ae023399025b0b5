"""Filters to conditions: `eq` and `and` on five attributes, which is what directories ask.

Everything else is refused. An empty answer would mean that there is nobody, and the directory would
create somebody a second time.
"""

from collections.abc import Callable, Iterator
from typing import Final

from scim2_models import InvalidFilterException
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    ValuePath,
)

from likeness.email_address import email_in
from likeness.identities import Condition, Sought, folded

FILTER_LENGTH_MAX: Final = 1000
"""Characters; an id, a user name and an address of usual length have a third of that."""

_ADVICE: Final = "filters may have eq and and, on id, userName, externalId, emails.value and active"


def conditions(node: FilterNode) -> tuple[Condition, ...]:
    """What a filter asks for, all of which has to be so. Raises InvalidFilterException."""
    return tuple(_conditions(node))


def _conditions(node: FilterNode) -> Iterator[Condition]:
    if isinstance(node, LogicalExpr) and node.op is LogicalOperator.and_:
        for term in node.terms:
            yield from _conditions(term)
    elif isinstance(node, Comparison):
        yield _condition(_path(node.attr_path), node)
    elif isinstance(node, ValuePath) and _path(node.attr_path) == "emails":
        yield from _of_email(node)
    else:
        raise _refusal()


def _of_email(node: ValuePath) -> Iterator[Condition]:
    """One address within brackets. Its type is no condition: each address is one person's."""
    within = node.val_filter
    terms = within.terms if isinstance(within, LogicalExpr) else (within,)
    is_all = not isinstance(within, LogicalExpr) or within.op is LogicalOperator.and_
    values = 0
    for term in terms:
        if not is_all or not isinstance(term, Comparison) or term.op is not CompareOperator.eq:
            raise _refusal()
        part = _path(term.attr_path)
        if part == "value":
            values += 1
            yield _condition("emails.value", term)
        elif part != "type":
            raise _refusal()
    if not values:
        raise _refusal()


def _condition(path: str, node: Comparison) -> Condition:
    reader = _READERS.get(path)
    if reader is None or node.op is not CompareOperator.eq:
        raise _refusal()
    return reader(node.value)


def _text(sought: Sought, kept: Callable[[str], str]) -> Callable[[object], Condition]:
    def read(value: object) -> Condition:
        if not isinstance(value, str):
            raise _refusal()
        return sought, kept(value)

    return read


def _activity(value: object) -> Condition:
    """A Boolean, also as the text that Entra makes of it."""
    said = value if isinstance(value, bool) else _BOOLEANS.get(str(value).casefold())
    if said is None:
        raise _refusal()
    return Sought.ACTIVE, said


def _path(path: AttrPath) -> str:
    parts = (path.attr, path.sub_attr) if path.sub_attr else (path.attr,)
    return ".".join(parts).casefold()


def _refusal() -> InvalidFilterException:
    return InvalidFilterException(detail=_ADVICE)


_BOOLEANS: Final = {"true": True, "false": False}
_READERS: Final[dict[str, Callable[[object], Condition]]] = {
    "id": _text(Sought.ID, str),
    "username": _text(Sought.USER_NAME, folded),
    "externalid": _text(Sought.EXTERNAL_ID, str),
    # A text that is no address is nobody's.
    "emails": _text(Sought.EMAIL, email_in),
    "emails.value": _text(Sought.EMAIL, email_in),
    "active": _activity,
}
