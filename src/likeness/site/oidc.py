"""An OpenID Connect provider, by Authlib: the redirect to it, and what it says of who returns."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import StarletteOAuth2App
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from likeness.errors import NotAdmitted, ServiceUnavailable
from likeness.identities import Claims
from likeness.model import Secret
from likeness.seldom import SeldomLog
from likeness.site.claims import ClaimRules, claims_of, together
from likeness.site.logout_token import Logout, logout_of

SIGNATURES: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""Signature algorithms of ID tokens: asymmetric ones, whose private key the provider alone has."""

REQUEST_TIMEOUT_S: Final = 5.0
VISIT_TIMEOUT_S: Final = 15.0
"""For all requests to the provider that one step of a sign-in makes."""

KEPT_S: Final = 3600.0
"""How long the provider's discovery document is cached; an unknown key id refreshes its keys."""

KEYS_KEPT_S: Final = 60.0
"""How long no keys are fetched again for logout tokens of unknown keys."""

_LEEWAY_S: Final = 60
_DISCOVERY: Final = "/.well-known/openid-configuration"
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OPTIONAL: Final = ("userinfo_endpoint",)
_NONSENSE: Final = (
    *(httpx2.HTTPError, httpx2.InvalidURL, TimeoutError),
    *(ValueError, KeyError, TypeError, RuntimeError),
)
"""Exceptions of Authlib and its client for a provider that is away or sends an invalid document."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The provider, our client id and secret there, what is asked for, how far it is believed."""

    issuer: str
    client_id: str
    client_secret: Secret
    redirect_uri: str
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    rules: ClaimRules = field(default_factory=ClaimRules)


@dataclass(frozen=True, slots=True)
class Journey:
    """The state to keep for a visitor between the redirect to the provider and the callback."""

    state: str
    nonce: str
    code_verifier: str


class Provider:
    """One provider. Its discovery document says where its endpoints are; nothing else is asked.

    A provider that is away or talks nonsense raises ServiceUnavailable, and a sign-in that it does
    not vouch for NotAdmitted. Neither tells the visitor more than they can use; the log has it.
    """

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._known: Any = None
        self._known_at_s = 0.0
        self._keys_at_s = -KEYS_KEPT_S
        self._log = SeldomLog()

    async def begin(self) -> tuple[str, Journey]:
        """The URL to redirect a visitor to, and the state to keep meanwhile."""
        async with self._in_time():
            app = await self._app()
            begun = await app.create_authorization_url(self._settings.redirect_uri)
        return begun["url"], Journey(begun["state"], begun["nonce"], begun["code_verifier"])

    async def finish(self, code: str, issuer: str, journey: Journey) -> Claims:
        """The claims of the user of a callback's code. `issuer` is its `iss`, or ""."""
        async with self._in_time():
            app = await self._app()
            if issuer and issuer != app.server_metadata["issuer"]:
                raise NotAdmitted("Another provider answered than was asked. Try again.")
            token = await app.fetch_access_token(
                self._settings.redirect_uri, code=code, code_verifier=journey.code_verifier
            )
            said = await self._claims(app, token, journey.nonce)
            return claims_of(said, self._settings.rules, token.get("access_token"))

    async def ended(self, token: str) -> Logout:
        """Which sessions are over, by a logout token that anybody may have sent.

        Raises NotAdmitted where it is not the provider's word.
        """
        async with self._in_time():
            app = await self._app()
            claims = await self._signed(app, token)
        issuer, client_id = app.server_metadata["issuer"], self._settings.client_id
        return logout_of(claims, issuer, client_id, time.time())

    async def _signed(self, app: Any, token: str) -> Mapping[str, Any]:
        """The claims of a token with a signature of the provider.

        Keys are fetched anew for an unknown one, but not for each token that strangers make up.
        """
        registry = JWSRegistry(
            algorithms=app.server_metadata["id_token_signing_alg_values_supported"],
            strict_check_header=False,
        )
        keys = KeySet.import_key_set(await app.fetch_jwk_set())
        try:
            return jwt.decode(token, keys, registry=registry).claims
        except InvalidKeyIdError:
            if time.monotonic() - self._keys_at_s < KEYS_KEPT_S:
                raise
            self._keys_at_s = time.monotonic()
            keys = KeySet.import_key_set(await app.fetch_jwk_set(force=True))
            return jwt.decode(token, keys, registry=registry).claims

    async def _claims(self, app: Any, token: Any, nonce: str) -> Mapping[str, Any]:
        """The claims of a checked ID token: signature, issuer, audience, times and nonce.

        Where it lacks what we need, also those of the userinfo endpoint for the same subject.
        """
        options = {
            "iss": {"essential": True, "value": app.server_metadata["issuer"]},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        claims: Mapping[str, Any] | None = await app.parse_id_token(
            token, nonce, claims_options=options, leeway=_LEEWAY_S
        )
        if not claims:
            raise NotAdmitted("The provider did not say who you are.")
        is_enough = self._settings.rules.wanted <= claims.keys()
        if is_enough or "userinfo_endpoint" not in app.server_metadata:
            return claims
        more: Mapping[str, Any] = await app.userinfo(token=token)
        if more.get("sub") != claims["sub"]:
            raise NotAdmitted("The provider speaks of two people at once. Try again.")
        return together(claims, more)

    async def _app(self) -> Any:
        """Authlib's client, which knows the provider's endpoints, afresh after an hour."""
        if self._known is None or time.monotonic() - self._known_at_s > KEPT_S:
            settings = self._settings
            app = StarletteOAuth2App(
                None,
                client_id=settings.client_id,
                client_secret=settings.client_secret.reveal() or None,
                server_metadata_url=settings.issuer.rstrip("/") + _DISCOVERY,
                client_kwargs={
                    "scope": " ".join(settings.scopes),
                    "code_challenge_method": "S256",
                    "timeout": REQUEST_TIMEOUT_S,
                    "follow_redirects": False,
                    # An access token is used once, at once: its last minute is as good as any.
                    "leeway": 0,
                },
            )
            app.server_metadata = self._checked(await app.load_server_metadata())
            self._known, self._known_at_s = app, time.monotonic()
        return self._known

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Turn failures between us and the provider into messages for a visitor."""
        try:
            async with asyncio.timeout(VISIT_TIMEOUT_S):
                yield
        except (AuthlibBaseError, JoseError) as error:
            self._log.warning("sign_in_refused", reason=f"{type(error).__name__}: {error}")
            raise NotAdmitted("The provider's answer could not be trusted. Try again.") from error
        except _NONSENSE as error:
            self._log.warning("provider_unavailable", reason=f"{type(error).__name__}: {error}")
            raise ServiceUnavailable(
                "the provider that you sign in with cannot be reached now; try again in a while"
            ) from error

    def _checked(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The used keys of a discovery document. Raises ValueError when it is not the issuer's.

        The rest is left out, since Authlib hands every key on as an option of its client.
        """
        issuer = self._settings.issuer
        if str(document["issuer"]).rstrip("/") != issuer.rstrip("/"):
            raise ValueError(f"the document is that of {document['issuer']}, not of {issuer}")
        names = [*_ENDPOINTS, *(name for name in _OPTIONAL if name in document)]
        endpoints = {name: str(document[name]) for name in names}
        scheme = issuer.partition(":")[0] + "://"
        if any(not url.startswith(("https://", scheme)) for url in endpoints.values()):
            raise ValueError("an endpoint is not reached by TLS")
        offered = document.get("id_token_signing_alg_values_supported", ["RS256"])
        return {
            **endpoints,
            "issuer": document["issuer"],
            "id_token_signing_alg_values_supported": [one for one in offered if one in SIGNATURES],
            "token_endpoint_auth_method": self._way_to_prove_ourselves(document),
            "_loaded_at": time.time(),
        }

    def _way_to_prove_ourselves(self, document: Mapping[str, Any]) -> str:
        if not self._settings.client_secret.reveal():
            return "none"
        ways = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
