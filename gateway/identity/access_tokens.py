"""Access tokens: who signed in, for a quarter of an hour. One algorithm and one key, made from the secret we have."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from uuid import UUID

import jwt

from chassis.errors import NotSignedIn
from chassis.i18n import say
from chassis.ids import new_id
from chassis.settings import Settings, SettingsError

LIFETIME_S = 15 * 60
_ALGORITHM = "HS256"
_ISSUER = "relata"
_AUDIENCE = "relata api"
# Gateways on several machines: one whose clock is a little behind must accept what another has just signed.
_SKEW_S = 10
_REQUIRED = ["exp", "nbf", "iat", "iss", "aud", "sub", "sid", "jti"]


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a good token says. ``expires_at`` in seconds since 1970."""

    user_id: str
    sign_in_id: str
    expires_at: float


class AccessTokens:
    """Signs and reads access tokens."""

    def __init__(self, secret: str) -> None:
        # A key of its own: what signs access tokens signs nothing else.
        self._key = hmac.digest(secret.encode(), b"relata access token", hashlib.sha256)
        self._key_id = hashlib.sha256(self._key).hexdigest()[:12]

    @classmethod
    def of(cls, settings: Settings) -> "AccessTokens":
        """Those of this installation; raises SettingsError when it has no secret."""
        if settings.secret is None:
            raise SettingsError("RELATA_SECRET: must be set")
        return cls(settings.secret.get_secret_value())

    def issue(self, user_id: str, sign_in_id: str) -> str:
        """A token for somebody who has just shown who they are."""
        now = int(time.time())
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": user_id,
            "sid": sign_in_id,
            "jti": new_id(),
            "iat": now,
            "nbf": now - _SKEW_S,
            "exp": now + LIFETIME_S,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM, headers={"kid": self._key_id, "typ": "at+jwt"})

    def read(self, token: str) -> AccessToken:
        """What the token says; raises NotSignedIn when it is forged, expired, not for us or not one of ours at all."""
        try:
            if jwt.get_unverified_header(token).get("kid") != self._key_id:
                raise ValueError("another key")
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"require": _REQUIRED},
            )
            return AccessToken(str(UUID(claims["sub"])), str(UUID(claims["sid"])), float(claims["exp"]))
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            raise NotSignedIn(say("The access token is not valid, or has expired.")) from error
