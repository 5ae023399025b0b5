"""What an entry of a directory says of a person, by OpenLDAP, 389, FreeIPA and Active Directory.

Pure. Values come from a server that others write to: each is bounded, and none is believed to be
text before it was read as such.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from likeness.directory.port import Values
from likeness.identities import EMAILS_MAX, is_subject
from likeness.names import printable

IDS: Final = ("entryuuid", "objectguid", "nsuniqueid", "ipauniqueid")
"""Attributes that name an entry for ever. Where an entry has several, the first counts."""

_NAMES: Final = ("displayname", "cn")
_USER_NAMES: Final = ("uid", "samaccountname", "userprincipalname")
_EMAILS: Final = ("mail", "proxyaddresses")
_STATES: Final = ("useraccountcontrol", "pwdaccountlockedtime", "nsaccountlock")
_STAMPS: Final = (
    # The change by its own number, which tells two of one second apart.
    *("entrycsn", "usnchanged", "entryusn"),
    *("modifytimestamp", "whenchanged"),
)

LISTED: Final = (*IDS, *_NAMES, *_USER_NAMES, *_EMAILS, *_STATES, *_STAMPS)
"""What a listing asks for: everything but photos."""

VALUE_LENGTH_MAX: Final = 1000
"""Bytes of a name, an address or a stamp; longer ones count as none."""

_GUID_LENGTH: Final = 16
_DISABLED: Final = 2
"""The bit ACCOUNTDISABLE of Active Directory's `userAccountControl`."""

_LOCKED_FOR_GOOD: Final = "000001010000Z"
"""The time in `pwdAccountLockedTime` that an administrator's lock has. Any other is one that wrong
passwords brought about, by which strangers could take somebody's photo away."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,10}")
_MAIL: Final = re.compile(r"smtp:(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as a directory has them. Texts are as it wrote them, "" for none.

    `emails` has the first address first. `stamp` is a digest of all that it says of them, its own
    note of the last change included; it `tells_changes` where there is such a note, so that what
    is not listed, the photo, changed only where the stamp did. With a `fault` it cannot be used.
    """

    dn: str
    id: str
    emails: tuple[str, ...] = ()
    name: str = ""
    user_name: str = ""
    is_active: bool = True
    stamp: str = ""
    tells_changes: bool = False
    fault: str = ""


def entry_of(dn: str, values: Values) -> Entry:
    """What an entry says of a person; addresses beyond EMAILS_MAX are left out."""
    found, emails = id_of(values), tuple(_emails(values))[:EMAILS_MAX]
    fault = "" if found else f"it has no {', '.join(IDS)} that this account may read"
    return Entry(
        dn,
        found,
        emails,
        _first(values, _NAMES),
        _first(values, _USER_NAMES),
        is_active(values),
        _stamp(values),
        tells_changes=bool(_first(values, _STAMPS)),
        fault=fault or ("" if emails else "it has no email address"),
    )


def id_of(values: Values) -> str:
    """The name of an entry that never changes, "" for none that can be kept."""
    for name in IDS:
        for value in values.get(name, ()):
            text = guid(value) if name == "objectguid" else _text(value)
            if is_subject(text):
                return text
    return ""


def guid(value: bytes) -> str:
    """An `objectGUID` as Active Directory shows it: of 16 bytes the first groups are reversed.

    >>> guid(bytes(range(16)))
    '03020100-0504-0706-0809-0a0b0c0d0e0f'
    """
    if len(value) == _GUID_LENGTH:
        return str(UUID(bytes_le=value))
    return _text(value)


def is_active(values: Values) -> bool:
    """Whether nobody closed the account: Active Directory, the password policy of OpenLDAP, 389."""
    control = _first(values, ("useraccountcontrol",))
    if _NUMBER.fullmatch(control) and int(control) & _DISABLED:
        return False
    if _first(values, ("pwdaccountlockedtime",)) == _LOCKED_FOR_GOOD:
        return False
    return _first(values, ("nsaccountlock",)).casefold() != "true"


def proxy_addresses(values: Iterable[bytes]) -> list[str]:
    """The e-mail addresses of `proxyAddresses`: that of `SMTP:` first, those of `smtp:` then.

    Addresses of other kinds, such as `x500:` and `SIP:`, are none.
    """
    texts = [text for value in values if (text := _text(value))]
    return [
        found[1].strip()
        for text in sorted(texts, key=lambda each: not each.startswith("SMTP:"))
        if (found := _MAIL.fullmatch(text))
    ]


def _emails(values: Values) -> Iterator[str]:
    """Every address once, however it is written: `mail`, then those that Exchange knows."""
    seen = set[str]()
    mails = filter(None, map(_text, values.get("mail", ())))
    for each in (*mails, *proxy_addresses(values.get("proxyaddresses", ()))):
        if each.casefold() not in seen:
            seen.add(each.casefold())
            yield each


def _stamp(values: Values) -> str:
    """A digest of everything that was listed, whichever order its values came in."""
    digest = sha256()
    for name in LISTED:
        for value in sorted(values.get(name, ())):
            digest.update(f"{name} {len(value)} ".encode() + value)
    return digest.hexdigest()[:32]


def _first(values: Values, names: Iterable[str]) -> str:
    """The first text of the first of these attributes that has one."""
    found = (_text(value) for name in names for value in values.get(name, ()))
    return next(filter(None, found), "")


def _text(value: bytes) -> str:
    """A value as one line of text, "" where it is none."""
    if len(value) > VALUE_LENGTH_MAX:
        return ""
    try:
        return printable(value.decode())
    except UnicodeDecodeError:
        return ""
