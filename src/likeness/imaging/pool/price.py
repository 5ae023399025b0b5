"""Estimates the cost of a picture by its plan: whether it is quick, and whether it moves. Pure."""

from typing import Final

from likeness.imaging.plan import Plan, WorkingPlan
from likeness.imaging.views import AnyPlan
from likeness.model import Format

QUICK_PRICE_MAX: Final = 2**24
"""Pixels that a JPEG of one scan may have, 0.15 s of CPU: a camera's 16 megapixels, or as many as a
progressive one of 1.6 has in its ten scans."""

_PRICE_OF_OTHERS: Final = 8
"""The most that a pixel of another format costs, in pixels of a JPEG; PNG with alpha costs most."""


def is_moving(plan: AnyPlan) -> bool:
    """Whether a file of several frames is to be made, which costs up to a hundred times a still."""
    return any(out.frames > 1 for out in plan.outputs)


def is_quick(plan: AnyPlan) -> bool:
    """Whether a job that waits for it is hardly delayed."""
    if not isinstance(plan, Plan | WorkingPlan) or plan.source.frames > 1:
        return False
    source = plan.source
    price = source.scans if source.format is Format.JPEG else _PRICE_OF_OTHERS
    return source.width * source.height * price <= QUICK_PRICE_MAX
