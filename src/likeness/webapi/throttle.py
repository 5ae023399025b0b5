"""Rate limits: a token bucket for each method and user, by the tier of the method."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Final

from likeness.errors import Ratelimited
from likeness.model import Caller
from likeness.threads import in_thread
from likeness.webapi.method import Method

Take = Callable[[str, float, int, float], float]
"""Key, seconds between calls, burst, now in seconds; gives the seconds to wait, 0.0 for none."""

_RETRY_AFTER_MIN_S: Final = 1


class Throttle:
    """One bucket for each method, workspace and user. `take=None` switches all limits off.

    Not for each token: somebody can have as many of those as they sign in to the page.
    """

    def __init__(self, take: Take | None, clock: Callable[[], datetime]) -> None:
        self._take = take
        self._clock = clock

    async def admit(self, method: Method, caller: Caller) -> None:
        """Count a call. Raises Ratelimited with whole seconds, since clients parse an integer."""
        if self._take is None:
            return
        key = f"{method.name} {caller.team.id} {caller.user.id}"
        tier, now_s = method.tier, self._clock().timestamp()
        wait_s = await in_thread(self._take, key, tier.interval_s, tier.value, now_s)
        if wait_s > 0:
            retry_after_s = max(_RETRY_AFTER_MIN_S, math.ceil(wait_s))
            raise Ratelimited(
                f"{method.name} may be called {tier.value} times a minute by one user; "
                f"try again in {retry_after_s} s",
                retry_after_s,
            )
