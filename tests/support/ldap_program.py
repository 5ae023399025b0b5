"""A real OpenLDAP that keeps photos of ours; entries may have the shape of Active Directory's."""

from dataclasses import replace
from ipaddress import ip_network
from itertools import count
from typing import Any

from likeness.directory.address import parse
from likeness.directory.ldap import open_directory
from likeness.directory.port import Server, Values
from likeness.model import Secret
from likeness.targets.kind import Given
from support.programs import given_to
from support.slapd import BASE, PASSWORD, PEOPLE, ROOT_DN, Slapd, entry, replaced

_numbers = count(1)


class DirectoryProgram:
    """People below one branch, whom an account may write."""

    kind = "ldap"

    def __init__(self, slapd: Slapd, **options: Any) -> None:
        self.slapd = slapd
        self.options = {"base": PEOPLE, "bind_dn": ROOT_DN, "attribute": "both"} | options
        self.dns: dict[str, str] = {}

    def given(self, credential: str | None = None) -> Given:
        """See Program."""
        made = given_to(self.slapd.url, self.kind, credential or PASSWORD, **self.options)
        return replace(made, networks=(ip_network("127.0.0.0/8"),))

    async def add(self, email: str, **attributes: str | bytes) -> str:
        """See Program."""
        name = f"added-{next(_numbers)}"
        dn = f"uid={name},{PEOPLE}"
        own = {"uid": name, "cn": name, "sn": name, "mail": email}
        made = entry(dn, **(own | attributes))
        self.slapd.modify(made.replace("\n", "\nchangetype: add\n", 1))
        [(_, values)] = await self._found(f"(uid={name})", ["entryUUID"])
        number = values["entryuuid"][0].decode()
        self.dns[number] = dn
        return number

    async def deactivate(self, remote_id: str) -> None:
        """See Program."""
        self.slapd.modify(replaced(self.dns[remote_id], userAccountControl="514"))

    async def people(self) -> int:
        """See Program."""
        return len(await self._found("(uid=*)", ["uid"]))

    async def state(self, remote_id: str) -> object:
        """See Program."""
        return await self.values(remote_id, "entryCSN", "jpegPhoto", "thumbnailPhoto")

    async def shown(self, remote_id: str) -> bytes | str | None:
        """See Program."""
        values = await self.values(remote_id, "jpegPhoto", "thumbnailPhoto")
        assert values.get("jpegphoto") == values.get("thumbnailphoto")
        return values["jpegphoto"][0] if values else None

    async def values(self, remote_id: str, *attributes: str) -> Values:
        """Attributes of somebody."""
        [(_, values)] = await self._found(f"(entryUUID={remote_id})", attributes)
        return values

    async def _found(self, condition: str, attributes: Any) -> list[tuple[str, Values]]:
        server = Server(parse(self.slapd.url), BASE, condition, ROOT_DN, Secret(PASSWORD))
        async with open_directory(server) as connection:
            pages = connection.pages(condition, attributes)
            return [each async for page in pages for each in page]
