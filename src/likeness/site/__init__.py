"""The page: where people set their photo. It has no way to write but the Web API."""

from typing import TYPE_CHECKING

from starlette.routing import Route

from likeness.accounts import Accounts
from likeness.admission import Admission
from likeness.imports.undoing import Undoing
from likeness.imports.uploading import Uploading
from likeness.mailing import Mailing
from likeness.people import People
from likeness.photos import Photos
from likeness.roster import Roster
from likeness.sessions import Sessions
from likeness.showings import Showings
from likeness.site.admin.acts import Acts
from likeness.site.admin.choosing import Choosing
from likeness.site.admin.imports import ImportPages
from likeness.site.admin.people import PeoplePages
from likeness.site.admin.targets import TargetPages
from likeness.site.api import Api
from likeness.site.assets import Assets
from likeness.site.by_mail import ByMail
from likeness.site.cookies import Cookie
from likeness.site.explaining import Explain, Explaining
from likeness.site.forms import Forms
from likeness.site.origin import OwnOrigin
from likeness.site.pages import PageFacts, Pages
from likeness.site.proxy import Proxies
from likeness.site.returning import ReturnPath
from likeness.site.room import Room, WaysIn
from likeness.site.session import Visitors
from likeness.site.signing_in import SigningIn
from likeness.site.views import Views

if TYPE_CHECKING:
    from likeness.provider_photos import ProviderPhotos
    from likeness.site.oidc import Provider

__all__ = ["Site"]


class Site:
    """Door 3: `/`, the ways in and out, and the files that pages need."""

    def __init__(
        self,
        accounts: Accounts,
        people: People,
        admission: Admission,
        sessions: Sessions,
        photos: Photos,
        *,
        roster: Roster,
        uploading: Uploading,
        undoing: Undoing,
        api: Api,
        forms: Forms,
        facts: PageFacts,
        showings: Showings,
        proxies: Proxies,
        provider: "Provider | None",
        ways: WaysIn,
        mailing: Mailing | None,
        provider_photos: "ProviderPhotos | None",
        has_hashes: bool,
        has_open_people: bool,
        explain: Explain,
    ) -> None:
        public_url = photos.public_url
        self._assets, origin = Assets(), OwnOrigin(public_url)
        cookie = Cookie("likeness_session", is_https=origin.is_https)
        visitors = Visitors(
            accounts, admission, sessions, proxies=proxies, cookie=cookie, origin=origin
        )
        room = Room(
            views=Views([public_url, photos.photo_url], self._assets),
            visitors=visitors,
            origin=origin,
            forms=forms,
            returning=ReturnPath(Cookie("likeness_return", is_https=origin.is_https)),
            ways=ways,
            has_open_people=has_open_people,
        )
        self._pages = Pages(
            room,
            accounts=accounts,
            photos=photos,
            roster=roster,
            api=api,
            facts=facts,
            showings=showings,
            has_hashes=has_hashes,
        ).routes()
        self._pages += Explaining(room, accounts, people, explain).routes()
        imports = ImportPages(room, roster, uploading, undoing)
        choosing = Choosing(room, roster, Acts(people, photos, sessions, mailing), photos)
        self._admin = [*imports.routes(), *choosing.routes()]
        for pages in (PeoplePages(room, roster, photos), TargetPages(room, showings)):
            self._admin += pages.routes()
        self._ways_in = SigningIn(room, sessions).routes()
        if mailing:
            self._ways_in += ByMail(room, people, mailing).routes()
        if provider and provider_photos:
            self._ways_in += _of_provider(room, admission, sessions, provider, provider_photos)

    def routes(self) -> list[Route]:
        """Everything that the site answers."""
        return [*self._pages, *self._admin, *self._ways_in, self._assets.route()]


def _of_provider(
    room: Room,
    admission: Admission,
    sessions: Sessions,
    provider: "Provider",
    photos: "ProviderPhotos",
) -> list[Route]:
    """The way in by a provider, and where it says that sessions are over."""
    # Importing Authlib takes 0.2 s, which a start without a provider saves.
    from likeness.site import back_channel, single_sign_on  # noqa: PLC0415 - see above

    cookie = Cookie("likeness_oidc", is_https=room.origin.is_https)
    carried = single_sign_on.Luggage(cookie, sessions.key("oidc"))
    sign_on = single_sign_on.SingleSignOn(
        room, admission, sessions, provider, photos=photos, luggage=carried
    )
    logout = back_channel.BackChannel(room, sessions, provider)
    return [*sign_on.routes(), *logout.routes()]
