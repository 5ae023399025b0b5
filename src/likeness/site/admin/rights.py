"""Who may open the pages for administrators."""

from likeness.errors import NotAdmitted
from likeness.model import Caller
from likeness.scopes import ADMIN_SCOPE


def is_administrator(caller: Caller) -> bool:
    """Whether a session is that of somebody who administers their workspace."""
    return ADMIN_SCOPE in caller.token.scopes


def check_administrator(caller: Caller) -> None:
    """Raise NotAdmitted for everybody else, with whom to ask."""
    if not is_administrator(caller):
        raise NotAdmitted(
            f"Only those who look after {caller.team.name} see this page. Ask them for what you "
            "need; if you are to be one of them, they let you in with `likeness user promote`, "
            "and you sign in again."
        )
