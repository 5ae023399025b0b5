"""Who is let in by an id that a directory has for them too, over a real database."""

from dataclasses import replace
from typing import Final

import pytest

from likeness.entries import Entry
from likeness.errors import NotAdmitted
from likeness.events import Verb
from likeness.identities import Claims
from likeness.model import User
from support.enrolled import SCIM
from support.studio import Studio

pytestmark = pytest.mark.anyio

OKTA: Final = "00ujl29u0le5T6Aj10h7"
OID: Final = "6f1c1b9e-0000-4000-8000-000000000001"
CLAIMS: Final = Claims("https://id.example.org", OKTA)
"""Without an address: the directory's id says who it is."""


async def enrol(work: Studio, external_id: str = OKTA, source: str = "scim") -> User:
    """The directory brings Ada by this id."""
    team = await work.service.people.team("Acme")
    entry = Entry(source, external_id, emails=("ada@example.org",))
    return (await work.service.enrolling.enrol(team, entry, SCIM)).user


async def test_the_id_of_the_directory_says_who_signs_in(work: Studio) -> None:
    """Once; then the subject does, and whatever address comes changes nothing of that."""
    ada = await enrol(work)

    assert await work.service.admission.by_claims(CLAIMS) == ada
    [told] = work.service.database.events(user_id=ada.id, limit=1)
    assert (told.verb, told.actor) == (Verb.IDENTITY_BOUND, "oidc")
    bobs = replace(CLAIMS, email="bob@example.org", is_email_verified=True)
    assert (await work.service.admission.by_claims(bobs)).id == ada.id


async def test_entra_says_it_by_its_object_id(work: Studio) -> None:
    """Its subject is another one for each application."""
    ada = await enrol(work, OID)

    entra = Claims("https://login.microsoftonline.com/x/v2.0", "another-subject", object_id=OID)
    assert await work.service.admission.by_claims(entra) == ada


async def test_the_id_counts_before_an_address(work: Studio) -> None:
    """An address may be given to somebody else."""
    ada = await enrol(work)

    bobs = replace(CLAIMS, email="bob@example.org", is_email_verified=True)
    assert (await work.service.admission.by_claims(bobs)).id == ada.id


async def test_a_short_id_may_be_a_name_that_somebody_chose(work: Studio) -> None:
    """Nor does an id of another source count."""
    await enrol(work, "ada")
    await work.service.people.unbind("ada@example.org", from_directory=True)
    with pytest.raises(NotAdmitted, match="did not say"):
        await work.service.admission.by_claims(replace(CLAIMS, subject="ada"))
    await enrol(work, OKTA, "csv")
    with pytest.raises(NotAdmitted, match="did not say"):
        await work.service.admission.by_claims(CLAIMS)


async def test_who_is_bound_to_another_subject_is_refused(work: Studio) -> None:
    """And told in the log; an operator unbinds."""
    ada = await enrol(work)
    await work.service.people.bind("ada@example.org", CLAIMS.issuer, "the one before")

    with pytest.raises(NotAdmitted, match="another account"):
        await work.service.admission.by_claims(CLAIMS)
    [told] = work.service.database.events(user_id=ada.id, limit=1)
    assert told.verb is Verb.IDENTITY_REFUSED


async def test_leavers_stay_out(work: Studio) -> None:
    """Whoever says who they are."""
    await enrol(work)
    await work.service.people.deactivate("ada@example.org")

    with pytest.raises(NotAdmitted, match="deactivated"):
        await work.service.admission.by_claims(CLAIMS)


async def test_an_id_of_two_workspaces_means_nobody(work: Studio) -> None:
    """Without an address that says which."""
    await enrol(work)
    await work.service.people.add_team("Other")
    team = await work.service.people.team("Other")
    entry = Entry("scim", OKTA, emails=("ada@other.example",))
    await work.service.enrolling.enrol(team, entry, SCIM)

    with pytest.raises(NotAdmitted, match="did not say"):
        await work.service.admission.by_claims(CLAIMS)
