"""LDAP as a real server speaks it: protected, whole, bounded, and refused in words."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio
import pytest

from likeness.directory import ldap as spoken
from likeness.directory import port
from likeness.directory.address import parse
from likeness.directory.entries import LISTED, entry_of
from likeness.directory.ldap import open_directory
from likeness.directory.port import Connection, DirectoryError, Server, Values
from likeness.model import Secret
from support.certificates import Authority
from support.slapd import BASE, PASSWORD, PEOPLE, POOR_DN, READER_DN, Slapd, entry, person, slapd

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PEOPLE_COUNT = 1200
ODD_DN = f'cn=Ada \\"Countess\\"\\, of \\+ Lovelace\\=1 ü \\#*(),{PEOPLE}'


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    people = "".join(person(each) for each in range(PEOPLE_COUNT))
    odd = entry(ODD_DN, sn="L", uid="odd", mail="odd@example.org", jpegPhoto=b"\xff\xd8odd")
    with slapd(tmp_path_factory.mktemp("slapd"), people + odd) as running:
        yield running


@pytest.fixture
def server(directory: Slapd) -> Server:
    return Server(parse(directory.url), BASE, "(mail=*)", READER_DN, Secret(PASSWORD))


async def listed(server: Server) -> list[tuple[str, Values]]:
    async with open_directory(server) as connection:
        return await _all(connection, server)


async def _all(connection: Connection, server: Server) -> list[tuple[str, Values]]:
    return [each async for page in connection.pages(server.filter, LISTED) for each in page]


async def test_everybody_is_listed_page_by_page(server: Server) -> None:
    """More than one page, and each entry with what it is known by."""
    found = await listed(server)
    entries = [entry_of(dn, values) for dn, values in found]

    assert len(entries) == PEOPLE_COUNT + 1
    assert len({each.id for each in entries}) == len(entries)
    assert all(each.tells_changes and not each.fault for each in entries)


async def test_an_entry_is_read_by_a_name_full_of_signs(server: Server) -> None:
    """What a server calls an entry goes back to it as it came."""
    async with open_directory(server) as connection:
        dn = next(dn for dn, values in await _all(connection, server) if values["uid"] == (b"odd",))
        assert await connection.values(dn, ["jpegPhoto"]) == {"jpegphoto": (b"\xff\xd8odd",)}
        assert await connection.values(f"uid=nobody,{PEOPLE}", ["jpegPhoto"]) == {}


async def test_who_may_read_a_part_only_gets_nothing(server: Server) -> None:
    """OpenLDAP gives 500 entries, and only then says that there are more."""
    with pytest.raises(DirectoryError, match=r"incomplete, so that nothing was done.*size=unlim"):
        await listed(replace(server, bind_dn=POOR_DN))


async def test_the_certificate_is_checked(directory: Slapd, server: Server) -> None:
    """By the authority that a setting names, for the host in the URL."""
    tls = replace(server, address=parse(directory.tls_url), ca_file=str(directory.ca_file))
    assert len(await listed(tls)) == PEOPLE_COUNT + 1
    begun = replace(tls, address=parse(directory.url))
    assert begun.starts_tls
    assert len(await listed(begun)) == PEOPLE_COUNT + 1


@pytest.mark.parametrize("by", ["url", "tls_url"])
async def test_a_certificate_of_somebody_else_is_refused(
    directory: Slapd, server: Server, by: str, tmp_path: Path
) -> None:
    """Before the password is sent."""
    Authority("Another authority").write(tmp_path)
    address, ca_file = parse(getattr(directory, by)), str(tmp_path / "fullchain.pem")
    with pytest.raises(DirectoryError, match="LIKENESS_LDAP_CA_FILE"):
        await listed(replace(server, address=address, ca_file=ca_file))
    with pytest.raises(DirectoryError, match="no certificates in PEM"):
        await listed(replace(server, address=address, ca_file=str(tmp_path / "privkey.pem")))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (partial(replace, password=Secret("wrong")), "LIKENESS_LDAP_BIND_DN and its password"),
        (partial(replace, bind_dn="nobody"), "LIKENESS_LDAP_BIND_DN and LIKENESS_LDAP_BASE as DNs"),
        (partial(replace, base="dc=nowhere"), "LIKENESS_LDAP_BASE"),
        (partial(replace, filter="(mail=*"), "mend LIKENESS_LDAP_FILTER"),
    ],
)
async def test_what_is_wrong_is_told_with_what_to_mend(
    server: Server, wrong: Callable[[Server], Server], words: str
) -> None:
    with pytest.raises(DirectoryError, match=words):
        await listed(wrong(server))


async def test_nobody_is_there(server: Server) -> None:
    """A port where nobody listens, and a name that does not exist."""
    for url in ("ldap://127.0.0.1:1", "ldaps://nobody.invalid"):
        with pytest.raises(DirectoryError, match="LIKENESS_LDAP_URL"):
            await listed(replace(server, address=parse(url)))


async def test_no_answer_is_waited_for_forever(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who takes connections and says nothing."""
    monkeypatch.setattr(spoken, "CONNECT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = parse(f"ldap://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(DirectoryError, match="did not answer in time"):
            await listed(replace(server, address=address))


@pytest.fixture
async def babble() -> AsyncIterator[int]:
    """The port of somebody who speaks something else, and ends."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")

    async def talk(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            await stream.send(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)

    async with anyio.create_task_group() as group:
        group.start_soon(listener.serve, talk)
        yield listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 - no Django here
        group.cancel_scope.cancel()
    await listener.aclose()


async def test_another_protocol_is_no_directory(server: Server, babble: int) -> None:
    with pytest.raises(DirectoryError, match=r"127\.0\.0\.1"):
        await listed(replace(server, address=parse(f"ldap://127.0.0.1:{babble}")))


@pytest.mark.parametrize(
    ("bound", "value", "words"),
    [
        ("PAGE_BYTES_MAX", 10_000, "sent more than is taken"),
        ("ENTRIES_MAX", 700, "more than 700 entries"),
        ("PAGES_MAX", 2, "did not end within 2 pages"),
    ],
)
async def test_a_listing_is_bounded(
    server: Server, monkeypatch: pytest.MonkeyPatch, bound: str, value: int, words: str
) -> None:
    """Bytes of a page, entries, and pages."""
    monkeypatch.setattr(spoken, bound, value)
    with pytest.raises(DirectoryError, match=words):
        await listed(server)


async def test_a_photo_is_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spoken, "PHOTO_BYTES_MAX", 20)
    async with open_directory(server) as connection:
        with pytest.raises(DirectoryError, match="sent more than is taken"):
            await connection.values(f"uid=u1,{PEOPLE}", ["mail"])


async def test_a_server_that_dies_in_the_middle_ends_the_listing(tmp_path: Path) -> None:
    """What came before is no listing."""
    people = "".join(person(each) for each in range(port.PAGE_ENTRIES + 1))
    with slapd(tmp_path, people) as running:
        server = Server(parse(running.url), BASE, "(mail=*)", READER_DN, Secret(PASSWORD))
        async with open_directory(server) as connection:
            pages = connection.pages(server.filter, LISTED)
            assert len(await anext(pages)) == port.PAGE_ENTRIES
            running.stop()
            with pytest.raises(DirectoryError, match="incomplete, so that nothing was done"):
                await anext(pages)
