"""The list of kinds: each has a name of its own, and says what it is."""

import pytest

from likeness.targets.kinds import KINDS
from likeness.targets.port import Holder, Receiver
from support.receivers import given


@pytest.mark.parametrize("name", list(KINDS))
def test_a_kind_opens_what_fulfils_a_port(name: str) -> None:
    options = {"team_id": "T1", "bot_user_id": "U1", "base": "dc=x", "bind_dn": "cn=x"}
    scheme = KINDS[name].schemes[0]
    opened = KINDS[name].open(given(f"{scheme}://127.0.0.1:1", name, **options))

    assert isinstance(opened, Holder | Receiver)
    assert KINDS[name].name == name
    assert KINDS[name].summary
