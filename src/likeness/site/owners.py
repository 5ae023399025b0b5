"""Whose photo a page is about: the visitor's own, or anybody's for administrators."""

from likeness.accounts import Accounts
from likeness.email_address import is_same_email
from likeness.errors import NotAdmitted
from likeness.model import Caller, User
from likeness.site.admin.rights import is_administrator


async def owner_of(accounts: Accounts, caller: Caller, named: str) -> User:
    """The owner of the photo: the caller, or for an administrator the user of an id or address.

    Raises UserNotFound, UsersNotFound, and NotAdmitted where the caller is no administrator.
    """
    if named in {"", caller.user.id} or is_same_email(named, caller.user.email):
        return caller.user
    if not is_administrator(caller):
        raise NotAdmitted("Only administrators change the photos of others.")
    if "@" in named:
        return await accounts.user_by_email(caller.team.id, named)
    owner = await accounts.user(caller.team.id, named)
    if owner.deleted_at is not None:
        raise NotAdmitted("This account is deactivated; its photo stays as it is.")
    return owner
