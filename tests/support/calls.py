"""Arguments with which each method that takes no picture answers ok."""

from typing import Final

READING: Final[dict[str, dict[str, str]]] = {
    "users.profile.get": {},
    "users.info": {"user": "{owner}"},
    "users.list": {},
    "users.lookupByEmail": {"email": "whole@cast.example"},
    "users.identity": {},
    "openid.connect.userInfo": {},
    "team.info": {},
    "bots.info": {"bot": "{bot}"},
    "auth.test": {},
    "auth.revoke": {"test": "1"},
    "api.test": {"foo": "bar"},
    "users.listPhotos": {},
    "users.restorePhoto": {"photo": "{photo}"},
    "users.deletePhoto": {},
}
"""By its name. `{owner}`, `{bot}` and `{photo}` are ids of a person, a bot and a photo shown."""
