"""The part of Synapse that `synapse` targets ask for, as version 1.163 answers."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from support.programs import Asked, Played

SERVER: Final = "matrix.example.org"
OWN_ID: Final = f"@likeness:{SERVER}"
PROVIDER: Final = "oidc-acme"
_ACCOUNTS: Final = "/_synapse/admin/v2/users/"
_FILES: Final = "/_synapse/admin/v1/media/"
_BY_EMAIL: Final = "/_synapse/admin/v1/threepid/email/users/"
_BY_PROVIDER: Final = f"/_synapse/admin/v1/auth_providers/{PROVIDER}/users/"
_UNKNOWN: Final = (404, {"errcode": "M_NOT_FOUND", "error": "not found"})


@dataclass
class PlayedSynapse(Played):
    """Accounts by their ids, files by theirs; `puts` counts the changes of avatars."""

    kind: str = "synapse"
    accounts: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {OWN_ID: {"name": OWN_ID, "avatar_url": None}}
    )
    emails: dict[str, str] = field(default_factory=dict)
    external_ids: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[bytes, dict[str, Any]]] = field(default_factory=dict)
    puts: int = 0
    uploads: int = 0
    refuses_avatars: bool = False
    tells_of_files: bool = True
    is_busy_with_rooms: bool = False

    def options(self) -> dict[str, Any]:
        """See Played."""
        return {"email_domain": "example.org", "auth_provider": PROVIDER}

    async def add(self, email: str) -> str:
        """See Program."""
        name = f"@m-{email.partition('@')[0]}:{SERVER}"
        self.accounts[name] = {"name": name, "avatar_url": None, "deactivated": False}
        self.emails[email] = name
        return name

    async def deactivate(self, remote_id: str) -> None:
        """See Program."""
        self.accounts[remote_id] |= {"deactivated": True, "avatar_url": None}

    async def people(self) -> int:
        """See Program."""
        return len(self.accounts)

    async def state(self, remote_id: str) -> object:
        """See Program."""
        return (self.accounts[remote_id]["avatar_url"], self.puts, self.uploads)

    async def shown(self, remote_id: str) -> bytes | str | None:
        """See Program."""
        found = self.accounts[remote_id]["avatar_url"]
        return self.files[found][0] if found else None

    def add_file(self, address: str, data: bytes, **info: Any) -> None:
        """A file that is there."""
        own = {"user_id": OWN_ID, "sha256": hashlib.sha256(data).hexdigest()}
        self.files[address] = (data, own | info)

    def respond(self, asked: Asked) -> tuple[int, Any]:
        """See Played."""
        if not asked.has_token:
            return 401, {"errcode": "M_UNKNOWN_TOKEN", "error": "Invalid access token passed."}
        for begin, respond in (
            ("/_matrix/client/v3/account/whoami", lambda _: (200, {"user_id": OWN_ID})),
            ("/_matrix/media/v3/upload", self._upload),
            (_BY_EMAIL, lambda asked: _found(self.emails, asked, _BY_EMAIL)),
            (_BY_PROVIDER, lambda asked: _found(self.external_ids, asked, _BY_PROVIDER)),
            (_ACCOUNTS, self._account),
            (_FILES, self._file),
        ):
            if asked.path.startswith(begin):
                return respond(asked)
        return 404, {"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}

    def _upload(self, asked: Asked) -> tuple[int, Any]:
        self.uploads += 1
        address = f"mxc://{SERVER}/file{self.uploads}"
        self.add_file(address, asked.request.body, upload_name=asked.query["filename"])
        return 200, {"content_uri": address}

    def _account(self, asked: Asked) -> tuple[int, Any]:
        name = asked.path.removeprefix(_ACCOUNTS)
        account = self.accounts.get(name)
        if asked.method == "GET":
            return (200, account) if account else _UNKNOWN
        if asked.json["avatar_url"] and self.refuses_avatars:
            return 403, {"errcode": "M_FORBIDDEN", "error": "This avatar is not allowed"}
        is_new = account is None
        made = self.accounts.setdefault(name, {"name": name})
        made["avatar_url"] = asked.json["avatar_url"] or None
        self.puts += 1
        if self.is_busy_with_rooms:
            return 429, {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests"}
        return 201 if is_new else 200, made

    def _file(self, asked: Asked) -> tuple[int, Any]:
        address = f"mxc://{asked.path.removeprefix(_FILES)}"
        if not self.tells_of_files and asked.method == "GET":
            return 405, {"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"}
        if address not in self.files:
            return _UNKNOWN
        if asked.method == "DELETE":
            del self.files[address]
            return 200, {"deleted_media": [address.rpartition("/")[2]], "total": 1}
        return 200, {"media_info": self.files[address][1]}


def _found(ids: dict[str, str], asked: Asked, begin: str) -> tuple[int, Any]:
    known = ids.get(asked.path.removeprefix(begin))
    return (200, {"user_id": known}) if known else _UNKNOWN
