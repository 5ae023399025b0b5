"""A real OpenLDAP as a target, with entries of Active Directory's shape among its own."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from likeness.model import Secret
from likeness.targets.kind import Given
from likeness.targets.ldap import Ldap
from likeness.targets.port import NOTHING, Away, Refused
from support.certificates import Authority
from support.ldap_program import DirectoryProgram
from support.programs import fresh_email, opened, picture, somebody
from support.slapd import PEOPLE, READER_DN, replaced

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

GUID = UUID("03020100-0504-0706-0809-0a0b0c0d0e0f")


def given(directory: DirectoryProgram, url: str = "", **options: str) -> Given:
    """A target with other options, or at another address of the same server."""
    made = directory.given()
    target = made.target
    return replace(
        made,
        target=replace(target, url=url or target.url, options={**target.options, **options}),
    )


async def test_an_address_of_exchange_finds_somebody(directory: DirectoryProgram) -> None:
    email, further = fresh_email(), fresh_email()
    remote_id = await directory.add(email, proxyAddresses=f"smtp:{further}")

    assert await opened(directory).find(somebody(further)) == remote_id


async def test_an_entry_is_known_by_its_id_when_it_was_moved(directory: DirectoryProgram) -> None:
    holder, remote_id = opened(directory), await directory.add(fresh_email())
    marker = await holder.show(remote_id, picture(holder.wants), None)
    moved = (
        f"dn: {directory.dns[remote_id]}\nchangetype: modrdn\nnewrdn: uid=moved\ndeleteoldrdn: 1\n"
    )
    directory.slapd.modify(moved)

    assert await holder.look(remote_id) == marker
    await holder.clear(remote_id, marker)
    assert await holder.look(remote_id) == NOTHING


async def test_an_entry_of_active_directory_is_known_by_its_guid(
    directory: DirectoryProgram,
) -> None:
    """There nothing has an entryUUID; the sixteen bytes are looked for as they are."""
    remote_id = await directory.add(fresh_email(), objectGUID=GUID.bytes_le)
    holder = opened(directory)

    marker = await holder.show(str(GUID), picture(holder.wants), None)

    assert await holder.look(remote_id) == marker


async def test_two_entries_with_one_address_are_refused(directory: DirectoryProgram) -> None:
    email = fresh_email()
    await directory.add(email)
    await directory.add(email)

    with pytest.raises(Refused, match="2 entries have the address"):
        await opened(directory).find(somebody(email))


async def test_a_filter_says_who_counts(directory: DirectoryProgram) -> None:
    email = fresh_email()
    remote_id = await directory.add(email, title="counts")

    for name, found in (("counts", remote_id), ("other", None)):
        holder = Ldap(given(directory, filter=f"(title={name})"))
        assert await holder.find(somebody(email)) == found


async def test_several_photos_become_one(directory: DirectoryProgram) -> None:
    holder, remote_id = opened(directory), await directory.add(fresh_email())
    photos = replaced(directory.dns[remote_id], jpegPhoto=[b"\xff\xd81", b"\xff\xd82"])
    directory.slapd.modify(photos)

    await holder.show(remote_id, picture(holder.wants), None)

    assert await directory.shown(remote_id) == picture(holder.wants).data


async def test_a_photo_that_somebody_put_there_stays(directory: DirectoryProgram) -> None:
    holder, remote_id = opened(directory), await directory.add(fresh_email())
    marker = await holder.show(remote_id, picture(holder.wants), None)
    own = {"jpegPhoto": b"\xff\xd8own", "thumbnailPhoto": b"\xff\xd8own"}
    directory.slapd.modify(replaced(directory.dns[remote_id], **own))

    await holder.clear(remote_id, marker)

    assert await directory.shown(remote_id) == b"\xff\xd8own"
    assert await holder.look(remote_id) not in {marker, NOTHING}


@pytest.mark.parametrize("attribute", ["jpegPhoto", "thumbnailPhoto"])
async def test_one_attribute_leaves_the_other_as_it_is(
    directory: DirectoryProgram, attribute: str
) -> None:
    remote_id = await directory.add(fresh_email())
    holder = Ldap(given(directory, attribute=attribute))

    marker = await holder.show(remote_id, picture(holder.wants), None)

    values = await directory.values(remote_id, "jpegPhoto", "thumbnailPhoto")
    assert list(values) == [attribute.lower()]
    await holder.clear(remote_id, marker)
    assert await directory.values(remote_id, "jpegPhoto", "thumbnailPhoto") == {}


async def test_whoever_may_not_write_is_told_so(directory: DirectoryProgram) -> None:
    remote_id = await directory.add(fresh_email())
    reader = Ldap(given(directory, bind_dn=READER_DN))

    with pytest.raises(Refused, match="Insufficient access"):
        await reader.show(remote_id, picture(reader.wants), None)


async def test_a_base_where_nobody_is_is_told(directory: DirectoryProgram) -> None:
    await directory.add(fresh_email())
    assert await opened(directory).check() == f"cn=root,dc=example,dc=org at {directory.slapd.url}"

    with pytest.raises(Refused, match="finds nobody"):
        await Ldap(given(directory, filter="(uid=nobody)")).check()
    with pytest.raises(Refused, match="No such object"):
        await Ldap(given(directory, base=f"ou=nowhere,{PEOPLE}")).check()


async def test_tls_is_checked_by_the_authority_that_was_named(
    directory: DirectoryProgram, tmp_path: Path
) -> None:
    """From the first byte, or begun on a plain connection before anything is said."""
    Authority("Another authority").write(tmp_path)
    believed, other = str(directory.slapd.ca_file), str(tmp_path / "fullchain.pem")
    await directory.add(fresh_email())

    for url in (directory.slapd.tls_url, directory.slapd.url):
        assert await Ldap(given(directory, url, ca_file=believed)).check()
        with pytest.raises(Away, match="certificate that is not believed"):
            await Ldap(given(directory, url, ca_file=other)).check()


async def test_a_password_is_not_tried_without_one(directory: DirectoryProgram) -> None:
    """Servers take a bind without a password as one of nobody, and say that all is well."""
    nobody = replace(given(directory), credential=Secret(""))

    with pytest.raises(Refused):
        await Ldap(nobody).check()
