"""Arguments with which each method that takes no picture answers ok."""

from typing import Final

READING: Final[dict[str, dict[str, str]]] = {
    "users.profile.get": {},
    "users.info": {"user": "{owner}"},
    "users.list": {},
    "users.lookupByEmail": {"email": "whole@cast.example"},
    "auth.test": {},
    "auth.revoke": {"test": "1"},
    "api.test": {"foo": "bar"},
    "users.listPhotos": {},
    "users.restorePhoto": {"photo": "{photo}"},
    "users.deletePhoto": {},
}
"""By its name. `{owner}` is the id of a person, `{photo}` that of a photo which they show."""
