"""Those who need no credential: visitors of a public form, providers at their hooks, and whoever signs in."""

import hashlib
import hmac

from chassis.caller import Caller, Seal
from gateway.limits.policy import Policy
from gateway.proxy.routing import API

PUBLIC_PREFIX = API + "/public/"
TOKEN_PATH = API + "/auth/token"
_HOOKS = PUBLIC_PREFIX + "channels/"

# Each per client address. An office behind one address must still be able to sign in in the morning.
_SIGNING_IN = Policy("sign-in", 120, 60.0)
_FORM_POSTS = Policy("public-write", 60, 60.0)
_FORM_READS = Policy("public-read", 600, 60.0)
_HOOK_CALLS = Policy("hooks", 200, 1.0)


class Strangers:
    """Signs callers without a name, each with an id of its own, so that one's idempotency keys are not another's."""

    def __init__(self, seal: Seal, secret: str) -> None:
        self._seal = seal
        self._key = hmac.digest(secret.encode(), b"relata public callers", hashlib.sha256)

    def header(self, address: str) -> tuple[bytes, bytes]:
        """The signed caller for this client address. The id does not give the address away."""
        stranger = hmac.digest(self._key, address.encode(), hashlib.sha256).hex()[:16]
        return b"x-relata-caller", self._seal.sign(Caller("public", stranger)).encode()

    def policy(self, path: str, method: str) -> Policy:
        """How often one address may do this."""
        if path == TOKEN_PATH:
            return _SIGNING_IN
        if path.startswith(_HOOKS):
            return _HOOK_CALLS
        return _FORM_READS if method in ("GET", "HEAD", "OPTIONS") else _FORM_POSTS
