"""Who asks. The gateway works it out once and signs it for 60 seconds; every service verifies it, whatever the mode."""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import jwt

from chassis.errors import NotAllowed, NotSignedIn
from chassis.i18n import say
from chassis.settings import Settings, SettingsError

HEADER = "X-Relata-Caller"
Kind = Literal["user", "key", "system", "public"]
Rule = Callable[["Caller"], None]

_LIFETIME_S = 60
_RENEW_S = 20  # a token handed out is good for at least this long, so that it survives a queue on its way
_SKEW_S = 5
_AUDIENCE = "relata"
_CACHED = 10_000


@dataclass(frozen=True, slots=True)
class Caller:
    """``team_ids`` has ``own_team_ids`` and those below; ``depths`` maps ``<noun>.<act>`` to how far it reaches.

    ``public`` is anybody at a public form. A partner's key acts as the partner, so that changing keys changes nothing.
    """

    kind: Kind
    id: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    team_ids: frozenset[str] = frozenset()
    own_team_ids: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    partner_id: str | None = None
    locale: str | None = None
    depths: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def actor(self) -> str:
        """How events and histories name them: ``user:<id>``, ``partner:<id>``, ``key:<id>``."""
        return f"partner:{self.partner_id}" if self.kind == "key" and self.partner_id else f"{self.kind}:{self.id}"


class Seal:
    """Signs and verifies callers with one secret. Both sides remember, so that the hot path is a dictionary look-up."""

    def __init__(self, secret: str) -> None:
        # A key of its own: what signs callers signs nothing else.
        self._key = hmac.digest(secret.encode(), b"relata caller", hashlib.sha256)
        self._signed: dict[Caller, tuple[str, float]] = {}
        self._verified: dict[str, tuple[Caller, float]] = {}

    @classmethod
    def of(cls, settings: Settings) -> "Seal":
        """The seal of this installation; raises SettingsError when it has no secret."""
        if settings.secret is None or len(settings.secret.get_secret_value()) < 16:
            raise SettingsError("RELATA_SECRET: must be set, to 16 characters or more")
        return cls(settings.secret.get_secret_value())

    def sign(self, caller: Caller) -> str:
        """A token for ``X-Relata-Caller``, good for 20 to 60 seconds."""
        now = time.time()
        known = self._signed.get(caller)
        if known is not None and known[1] > now + _RENEW_S:
            return known[0]
        token = jwt.encode(_claims(caller, int(now)), self._key, algorithm="HS256")
        _remember(self._signed, caller, (token, int(now) + _LIFETIME_S))
        return token

    def verify(self, token: str) -> Caller:
        """The caller in this token; raises NotSignedIn when it is missing, forged or expired."""
        known = self._verified.get(token)
        if known is not None and known[1] > time.time():
            return known[0]
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                audience=_AUDIENCE,
                leeway=_SKEW_S,
                options={"require": ["exp", "iat", "sub"]},
            )
            caller = _caller(claims)
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise NotSignedIn(say("Sign in first.")) from error
        _remember(self._verified, token, (caller, float(claims["exp"])))
        return caller


def _remember(cache: dict[Any, Any], key: object, value: object) -> None:
    if len(cache) >= _CACHED:
        cache.clear()  # entries live a minute anyway
    cache[key] = value


def _claims(caller: Caller, now: int) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "aud": _AUDIENCE,
        "iat": now,
        "exp": now + _LIFETIME_S,
        "sub": caller.id,
        "kind": caller.kind,
    }
    optional = {
        "name": caller.name,
        "roles": sorted(caller.roles),
        "teams": sorted(caller.team_ids),
        "own": sorted(caller.own_team_ids),
        "scopes": sorted(caller.scopes),
        "partner": caller.partner_id,
        "locale": caller.locale,
        "depths": dict(caller.depths),
    }
    claims.update((name, value) for name, value in optional.items() if value)
    return claims


def _caller(claims: Mapping[str, Any]) -> Caller:
    if claims["kind"] not in ("user", "key", "system", "public"):
        raise ValueError("unknown kind of caller")
    return Caller(
        kind=cast(Kind, claims["kind"]),
        id=claims["sub"],
        name=claims.get("name", ""),
        roles=frozenset(claims.get("roles", ())),
        team_ids=frozenset(claims.get("teams", ())),
        own_team_ids=frozenset(claims.get("own", ())),
        scopes=frozenset(claims.get("scopes", ())),
        partner_id=claims.get("partner"),
        locale=claims.get("locale"),
        depths=claims.get("depths", {}),
    )


def requires(*scopes: str) -> Rule:
    """A route's rule: one of these scopes. Keys have scopes, people have roles: ``any_of`` lets both in."""

    def rule(caller: Caller) -> None:
        if caller.kind != "system" and caller.scopes.isdisjoint(scopes):
            raise NotAllowed(say("This needs the scope {scope}.", scope=" or ".join(scopes)))

    return rule


def requires_role(*roles: str) -> Rule:
    """A route's rule: the user has one of these roles."""

    def rule(caller: Caller) -> None:
        if caller.kind != "system" and caller.roles.isdisjoint(roles):
            raise NotAllowed(say("This needs the role {role}.", role=" or ".join(roles)))

    return rule


def any_of(*rules: Rule) -> Rule:
    """A route's rule: one of these is enough, such as a scope for keys or a role for people."""

    def rule(caller: Caller) -> None:
        refusal: NotAllowed | None = None
        for one in rules:
            try:
                return one(caller)
            except NotAllowed as error:
                refusal = refusal or error
        raise refusal or NotAllowed(say("This is not for you."))

    return rule
