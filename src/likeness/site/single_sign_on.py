"""Signing in by an OpenID Connect provider: redirect, callback, and a cookie in between."""

import hmac
import time
from dataclasses import asdict
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.admission import Admission
from likeness.errors import NotAdmitted
from likeness.provider_photos import ProviderPhotos
from likeness.sessions import Session, Sessions
from likeness.site.cookies import Cookie
from likeness.site.oidc import Journey, Provider
from likeness.site.room import Room

START_PATH: Final = "/sign-in/oidc"
CALLBACK_PATH: Final = "/sign-in/oidc/callback"

JOURNEY_S: Final = 600
"""How long somebody may take at the provider."""

_ENCRYPTION: Final = {"alg": "dir", "enc": "A256GCM"}
_CANCELLED: Final = "access_denied"
_FORBIDDEN: Final = 403


class Luggage:
    """The encrypted cookie that keeps a visitor's state until the callback.

    It binds the callback to the browser that started: a victim who is lured to an attacker's
    callback does not have it. The callback deletes it.
    """

    def __init__(self, cookie: Cookie, key: bytes) -> None:
        self._cookie = cookie
        self._key = OctKey.import_key(key)
        self._registry = JWERegistry(algorithms=list(_ENCRYPTION.values()))

    def pack(self, journey: Journey, response: Response) -> None:
        """Give it to the browser."""
        claims = asdict(journey) | {"exp": int(time.time()) + JOURNEY_S}
        text = jwt.encode(_ENCRYPTION, claims, self._key, registry=self._registry)
        self._cookie.write(response, text, JOURNEY_S)

    def unpack(self, request: Request) -> Journey:
        """The state in the cookie. Raises NotAdmitted when it is not ours, or too old."""
        try:
            text = self._cookie.read(request).encode("ascii")
            claims = jwt.decode(text, self._key, registry=self._registry).claims
            jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
        except (JoseError, ValueError) as error:
            raise NotAdmitted(
                "Signing in took too long, or was begun in another browser. Try again."
            ) from error
        return Journey(claims["state"], claims["nonce"], claims["code_verifier"])

    def take_away(self, response: Response) -> None:
        """Have the browser forget it."""
        self._cookie.clear(response)


class SingleSignOn:
    """`/sign-in/oidc`: to the provider, and back from it."""

    def __init__(
        self,
        room: Room,
        admission: Admission,
        sessions: Sessions,
        provider: Provider,
        *,
        photos: ProviderPhotos,
        luggage: Luggage,
    ) -> None:
        self._room = room
        self._admission = admission
        self._sessions = sessions
        self._provider = provider
        self._photos = photos
        self._luggage = luggage

    def routes(self) -> list[Route]:
        """The way there and the way back."""
        guarded = self._room.views.guarded
        return [
            Route(START_PATH, guarded(self.start), methods=["GET"]),
            Route(CALLBACK_PATH, guarded(self.arrive), methods=["GET"]),
        ]

    async def start(self, request: Request) -> Response:
        """Redirect a visitor to the provider, which will redirect them back to our own name."""
        self._room.origin.check_host(request)
        url, journey = await self._provider.begin()
        response = self._room.views.redirect(url)
        self._luggage.pack(journey, response)
        return response

    async def arrive(self, request: Request) -> Response:
        """Sign in the user whom the provider vouches for, or explain why not, with a retry."""
        try:
            session = await self._session(request)
        except NotAdmitted as refusal:
            response = self._room.sign_in(str(refusal), _FORBIDDEN)
        else:
            response = await self._room.enter(request, session)
        self._luggage.take_away(response)
        return response

    async def _session(self, request: Request) -> Session:
        self._room.origin.check_host(request)
        journey, said = self._luggage.unpack(request), request.query_params
        if not hmac.compare_digest(journey.state.encode(), said.get("state", "").encode()):
            raise NotAdmitted("This answer belongs to another sign-in. Try again.")
        if "error" in said:
            is_cancelled = said["error"] == _CANCELLED
            raise NotAdmitted(
                "Signing in was cancelled." if is_cancelled else "The provider refused. Try again."
            )
        claims = await self._provider.finish(said.get("code", ""), said.get("iss", ""), journey)
        user = await self._admission.by_claims(claims, self._room.visitors.client(request))
        session = await self._sessions.open(user, claims)
        self._photos.arrived(user, claims)
        return session
