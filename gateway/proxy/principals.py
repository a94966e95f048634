"""Who a credential belongs to, remembered for half a second, and forgotten as soon as somebody's rights change here."""

import asyncio
import time
from dataclasses import dataclass

from chassis.caller import Caller
from chassis.database import Database
from chassis.errors import NotSignedIn
from chassis.http import Face
from chassis.i18n import say
from gateway.identity.access_tokens import AccessToken, AccessTokens
from gateway.identity.keys.secret import prefix_of
from gateway.identity.principals import Principal, principal_of_key, principal_of_token
from gateway.identity.rights import on_rights_changed
from gateway.limits.policy import Policy

# In other gateways a deactivation counts after this long; a signed caller lives longer, but only we hand it out.
REMEMBERED_S = 0.5
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Known:
    """A caller with all that the hot path needs, worked out once. ``until`` by the monotonic clock."""

    caller: Caller
    headers: tuple[tuple[bytes, bytes], ...]
    sign_in: tuple[bytes, bytes] | None
    bucket: str
    policy: Policy
    until: float


class Principals:
    """Knows whom credentials belong to."""

    def __init__(self, face: Face, tokens: AccessTokens, usual_rate: int) -> None:
        self._face, self._tokens, self._seal = face, tokens, face.seal
        self._usual = Policy("default", usual_rate, 1.0)
        self._known: dict[str, Known] = {}
        self._loading: dict[str, asyncio.Task[Known]] = {}
        self._generation = 0

    def watch(self, database: Database) -> None:
        """Forget everything whenever this process commits a change of rights to that database."""
        on_rights_changed(database, self.forget)

    def forget(self) -> None:
        """Ask the database again for everybody; may be called from any thread."""
        self._generation += 1
        self._known = {}

    def remembered(self, credential: str) -> Known | None:
        """Who it is, if we knew just now."""
        known = self._known.get(credential)
        return known if known is not None and known.until > time.monotonic() else None

    async def find(self, credential: str) -> Known:
        """Who it is; raises NotSignedIn when the credential is not good."""
        known = self.remembered(credential)
        if known is not None:
            return known
        loading = self._loading.get(credential)
        if loading is None:
            loading = self._loading[credential] = asyncio.create_task(self._load(credential))
            loading.add_done_callback(lambda _: self._loading.pop(credential, None))
        # Shielded: others wait for the same answer, and the one who asked first may hang up.
        return await asyncio.shield(loading)

    async def _load(self, credential: str) -> Known:
        generation, asked_at = self._generation, time.monotonic()
        token: AccessToken | None = None
        if prefix_of(credential) is not None:
            principal = await self._face.read(lambda tx: principal_of_key(tx, credential))
        elif credential.startswith("ey"):
            token = read = self._tokens.read(credential)
            principal = await self._face.read(lambda tx: principal_of_token(tx, read))
        else:
            raise NotSignedIn(say("This is neither an access token nor an API key."))
        until = asked_at + min(REMEMBERED_S, token.expires_at - time.time() if token else REMEMBERED_S)
        known = self._prepared(principal, until)
        if generation == self._generation:  # else rights changed while we were reading
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[credential] = known
        return known

    def _prepared(self, principal: Principal, until: float) -> Known:
        caller = principal.caller
        policy = Policy("key", principal.rate, 1.0) if principal.rate else self._usual
        sign_in = (b"x-relata-sign-in", principal.sign_in_id.encode()) if principal.sign_in_id else None
        headers = ((b"x-relata-caller", self._seal.sign(caller).encode()),)
        return Known(caller, headers, sign_in, f"{caller.kind}:{caller.id}", policy, until)
