"""Who may open the pages for administrators."""

from dataclasses import replace

import pytest

from likeness.errors import NotAdmitted
from likeness.model import Caller
from likeness.scopes import ADMIN_SCOPE
from likeness.site.admin.rights import check_administrator, is_administrator
from support.studio import Studio

pytestmark = pytest.mark.anyio


async def test_it_is_the_session_that_says_so(work: Studio) -> None:
    """Others are told whom to ask."""
    issued = await work.service.accounts.issue_token("ada@example.org", (), None)
    caller: Caller = await work.service.accounts.authenticate(issued.secret)
    admin = replace(caller, token=replace(caller.token, scopes=(ADMIN_SCOPE,)))

    assert (is_administrator(caller), is_administrator(admin)) == (False, True)
    check_administrator(admin)
    with pytest.raises(NotAdmitted, match="look after Acme"):
        check_administrator(caller)
