"""What the next calls are answered with, as a test has demanded: an error, or after a while."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from likeness.errors import Mistake, Ratelimited, Refusal
from likeness.webapi.method import Method
from likeness.webapi.openapi import all_errors

ERROR: Final = "double_error"
WAIT: Final = "double_wait_s"
"""Arguments of a call by which it demands its own answer; as headers `X-Double-Error` and so on."""

DEMANDS_MAX: Final = 100
"""Demands that wait for their calls."""

TIMES_MAX: Final = 1000
"""Calls that one demand is for."""

WAIT_S_MAX: Final = 300.0
"""Longer than any client waits."""

RETRY_AFTER_S: Final = 1

_SAID: Final = "this answer was demanded from the double"


@dataclass(frozen=True, slots=True)
class Demand:
    """What calls of a method get: `error`, if any, after `wait_s` seconds; for `times` calls."""

    method: str
    error: str = ""
    wait_s: float = 0.0
    times: int = 1
    retry_after_s: int = RETRY_AFTER_S


class Demands:
    """Demands in the order in which they came. `methods` is the table of what can be demanded."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._methods = methods
        self._waiting = deque[Demand]()

    def add(self, demand: Demand) -> None:
        """Have calls answered so from now on. Raises Mistake for what no call is answered with."""
        self.check(demand)
        if len(self._waiting) >= DEMANDS_MAX:
            raise Mistake(f"{DEMANDS_MAX} demands wait for their calls already; take them back")
        self._waiting.append(demand)

    def check(self, demand: Demand) -> None:
        """Raise Mistake for an unknown method, an error that it never has, and the like."""
        method = self._methods.get(demand.method)
        if method is None:
            raise Mistake(f"{demand.method!r} is no method here")
        codes = {cls.code for cls in all_errors(method)}
        if demand.error and demand.error not in codes:
            known = ", ".join(sorted(codes))
            raise Mistake(f"{demand.method} never answers {demand.error!r}, but {known}")
        if not 0 <= demand.wait_s <= WAIT_S_MAX or not 1 <= demand.times <= TIMES_MAX:
            raise Mistake(f"at most {WAIT_S_MAX:g} seconds and {TIMES_MAX} times can be demanded")

    def take(self, method: str) -> Demand | None:
        """The first demand for calls of a method, which is for one call fewer from then on."""
        for place, demand in enumerate(self._waiting):
            if demand.method == method:
                if demand.times > 1:
                    self._waiting[place] = replace(demand, times=demand.times - 1)
                else:
                    del self._waiting[place]
                return demand
        return None

    def forget(self) -> None:
        """Take back all of them."""
        self._waiting.clear()

    def refusal(self, demand: Demand) -> Refusal:
        """The refusal that is demanded, which the method declares."""
        found = next(
            cls for cls in all_errors(self._methods[demand.method]) if cls.code == demand.error
        )
        if issubclass(found, Ratelimited):
            return found(_SAID, demand.retry_after_s)
        return found(_SAID)


def own_demand(method: str, told: Mapping[str, Any]) -> Demand | None:
    """What a call demands for itself by its arguments or headers. Raises Mistake."""
    error, wait = told.get(ERROR, ""), told.get(WAIT, "")
    if not error and not wait:
        return None
    try:
        return Demand(method, str(error), float(wait or 0))
    except ValueError:
        raise Mistake(f"{wait!r} is no number of seconds") from None
