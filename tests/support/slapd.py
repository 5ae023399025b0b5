"""A real OpenLDAP on loopback, of a folder of its own, with people as a test says.

It also has the attributes of Active Directory, which Debian's package describes in msuser.schema.
"""

import base64
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from support.certificates import Authority
from support.listeners import lets_in
from support.live import free_port
from support.patience import wait_until
from support.starting import Started

BASE: Final = "dc=example,dc=org"
PEOPLE: Final = f"ou=people,{BASE}"
ROOT_DN: Final = f"cn=root,{BASE}"
READER_DN: Final = f"cn=reader,{BASE}"
"""The account that may read everything, page by page; the root of a database knows no limits."""

POOR_DN: Final = f"cn=poor,{BASE}"
"""An account that is given 500 entries and no more, as OpenLDAP does unless told otherwise."""

PASSWORD: Final = "the password of every account here"

_SCHEMAS: Final = Path("/etc/ldap/schema")
_MODULES: Final = Path("/usr/lib/ldap")

_CONFIG: Final = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/nis.schema
include {schemas}/inetorgperson.schema
include {folder}/msuser.schema
# Those that msuser.schema lacks, and those of other servers.
attributetype ( 2.16.840.1.113730.3.1.35 NAME 'thumbnailPhoto'
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.1.1.1 NAME 'nsAccountLock' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.1.1.2 NAME 'nsUniqueId' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.1.1.3 NAME 'ipaUniqueID' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.1.2.1 NAME 'directoryShapes' SUP top AUXILIARY
  MAY ( thumbnailPhoto $ nsAccountLock $ nsUniqueId $ ipaUniqueID $ objectGUID
  $ userAccountControl $ proxyAddresses $ whenChanged $ sAMAccountName $ userPrincipalName ) )
modulepath {modules}
moduleload back_mdb
moduleload ppolicy
pidfile {folder}/pid
sizelimit 500
{tls}
database mdb
suffix {base}
rootdn {root}
rootpw "{password}"
directory {folder}/db
maxsize 1073741824
overlay ppolicy
limits dn.exact={reader} size=unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact={reader} read by dn.exact={poor} read by * none
"""

_COMPARED: Final = {"proxyAddresses": "caseIgnoreMatch", "objectGUID": "octetStringMatch"}
"""What Debian's msuser.schema does not say: how Active Directory looks for values of these."""

_TLS: Final = """TLSCACertificateFile {folder}/tls/fullchain.pem
TLSCertificateFile {folder}/tls/fullchain.pem
TLSCertificateKeyFile {folder}/tls/privkey.pem
"""

Attributes = dict[str, str | bytes | Sequence[str | bytes]]


@dataclass
class Slapd:
    """A server of a folder, which may be started, killed and started again on the same ports."""

    folder: Path
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    authority: Authority = field(default_factory=Authority)
    process: Started | None = None

    @property
    def url(self) -> str:
        """Without TLS, or with StartTLS where that is asked for."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        """By TLS from the first byte, under the name in its certificate."""
        return f"ldaps://localhost:{self.tls_port}"

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that signed the server's."""
        return self.folder / "ca" / "fullchain.pem"

    def settings(self, **more: str) -> dict[str, str]:
        """Settings of a service that reads it, in small letters without the prefix."""
        own = {"url": self.url, "base": BASE, "bind_dn": READER_DN, "bind_password": PASSWORD}
        return {f"ldap_{name}": value for name, value in (own | more).items()}

    def write(self, entries: str) -> None:
        """Make its files, with these entries beside the accounts. It must not run."""
        (self.folder / "db").mkdir(parents=True, exist_ok=True)
        self.authority.write(self.folder / "ca")
        self.authority.server(self.folder / "tls", "localhost", "127.0.0.1")
        (self.folder / "msuser.schema").write_text(_schema_of_microsoft())
        self._config.write_text(self._configuration())
        path = self.folder / "entries.ldif"
        path.write_text(_accounts() + entries)
        self._run("slapadd", "-q", "-f", str(self._config), "-l", str(path))

    def start(self) -> None:
        """Start it and wait until it answers."""
        urls = f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.tls_port}/"
        self.process = Started([_program("slapd"), "-f", str(self._config), "-h", urls, "-d", "0"])
        wait_until(lambda: all(map(_listens, (self.port, self.tls_port))), self.process.complaints)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """End it, also one that stands still."""
        if self.process is None:
            return
        self.process.send_signal(by)
        self.process.send_signal(signal.SIGCONT)
        with self.process as process:
            process.wait()
        self.process = None

    def modify(self, changes: str) -> None:
        """Change entries while it runs, by LDIF."""
        signed_in = ["-x", "-H", self.url, "-D", ROOT_DN, "-w", PASSWORD]
        self._run("ldapmodify", "-c", *signed_in, text=changes)

    @property
    def _config(self) -> Path:
        return self.folder / "slapd.conf"

    def _configuration(self) -> str:
        return _CONFIG.format(
            schemas=_SCHEMAS,
            modules=_MODULES,
            folder=self.folder,
            tls=_TLS.format(folder=self.folder),
            base=BASE,
            root=ROOT_DN,
            reader=READER_DN,
            poor=POOR_DN,
            password=PASSWORD,
        )

    def _run(self, program: str, *arguments: str, text: str = "") -> None:
        done = subprocess.run(
            [_program(program), *arguments], input=text, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def is_there() -> bool:
    """Whether this machine has OpenLDAP's server and clients."""
    return all(map(_found, ("slapd", "slapadd", "ldapmodify")))


@contextmanager
def slapd(folder: Path, entries: str) -> Iterator[Slapd]:
    """A running server with these entries; skips where there is no OpenLDAP."""
    if not is_there():
        pytest.skip("slapd and ldap-utils are not installed")
    server = Slapd(folder)
    server.write(entries)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def person(number: int, **attributes: str | bytes | Sequence[str | bytes]) -> str:
    """An entry of somebody with an address; `attributes` are added, or put in place of those."""
    own: Attributes = {
        "uid": f"u{number}",
        "cn": f"Person {number}",
        "sn": f"P{number}",
        "mail": f"person{number}@example.org",
    }
    return entry(f"uid=u{number},{PEOPLE}", **(own | attributes))


def entry(dn: str, **attributes: str | bytes | Sequence[str | bytes]) -> str:
    """An entry of a person as LDIF; whatever is empty is left out."""
    classes = ["objectClass: inetOrgPerson", "objectClass: directoryShapes"]
    return "\n".join([f"dn:: {_b64(dn)}", *classes, *lines(**attributes), "", ""])


def lines(**attributes: str | bytes | Sequence[str | bytes]) -> list[str]:
    """Attributes as LDIF, all in base64."""
    found: list[str] = []
    for name, value in attributes.items():
        values = [value] if isinstance(value, str | bytes) else value
        found += [f"{name}:: {_b64(each)}" for each in values if each]
    return found


def replaced(dn: str, **attributes: str | bytes | Sequence[str | bytes]) -> str:
    """A change that gives an entry these attributes; empty ones are taken away."""
    parts = [f"dn:: {_b64(dn)}", "changetype: modify"]
    for name, value in attributes.items():
        parts += [f"replace: {name}", *lines(**{name: value}), "-"]
    return "\n".join([*parts, "", ""])


def added(entry_text: str) -> str:
    """A change that adds an entry."""
    first, _, rest = entry_text.partition("\n")
    return f"{first}\nchangetype: add\n{rest}"


def removed(dn: str) -> str:
    """A change that ends an entry."""
    return f"dn:: {_b64(dn)}\nchangetype: delete\n\n"


def _schema_of_microsoft() -> str:
    schema = (_SCHEMAS / "msuser.schema").read_text()
    for name, rule in _COMPARED.items():
        schema = schema.replace(f"NAME '{name}'", f"NAME '{name}' EQUALITY {rule}")
    return schema


def _accounts() -> str:
    roots = [
        f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n",
        f"dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: people\n",
    ]
    for dn in (READER_DN, POOR_DN):
        name = dn.partition(",")[0].removeprefix("cn=")
        what = f"objectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: {name}"
        roots.append(f"dn: {dn}\n{what}\nuserPassword: {PASSWORD}\n")
    return "\n".join(roots) + "\n"


def _b64(value: str | bytes) -> str:
    data = value.encode() if isinstance(value, str) else value
    return base64.b64encode(data).decode()


def _listens(port: int) -> bool:
    return lets_in(lambda: socket.create_connection(("127.0.0.1", port)))


def _program(name: str) -> str:
    found = _found(name)
    assert found, name
    return found


def _found(name: str) -> str | None:
    return shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin")
