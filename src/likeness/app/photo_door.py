"""The door of photos by URL and by hash, as the settings want it."""

from starlette.types import ASGIApp

from likeness.app.service import Service
from likeness.avatars.by_hash import HashRules, Openness
from likeness.avatars.door import Avatars
from likeness.figures import Sheet


def photo_door(service: Service, otherwise: ASGIApp, sheet: Sheet | None = None) -> Avatars:
    """The door of photos, which hands every other path on to `otherwise`."""
    config = service.config
    avatars = Avatars(
        service.delivery,
        otherwise,
        photo_url=config.photo_url,
        rules=HashRules(
            email_avatars=Openness(config.email_avatars),
            name_avatars=config.name_avatars == "on",
            default_picture=config.default_picture,
            default_urls=config.default_urls,
            avatar_sides=config.avatar_sides,
            photo_max_age=config.photo_max_age,
        ),
        photo_cache_bytes_max=config.photo_cache_bytes_max,
        photo_formats=config.photo_formats,
        sheet=sheet,
    )
    service.photos.watch(avatars.changed)
    return avatars
