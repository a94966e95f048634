"""How a key is spelled: ``rk_<8 characters that may be shown>_<256 random bits>``. We keep only a hash."""

import hashlib
import hmac
import re
import secrets

_SPELLING = re.compile(r"rk_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")


def new_prefix() -> str:
    """The part by which people recognise a key, and we find it."""
    return secrets.token_hex(4)


def new_secret(prefix: str) -> str:
    """A whole key with this prefix."""
    return f"rk_{prefix}_{secrets.token_urlsafe(32)}"


def prefix_of(secret: str) -> str | None:
    """The prefix in a key; None for what is no key of ours."""
    match = _SPELLING.fullmatch(secret)
    return match[1] if match else None


def digest(secret: str) -> str:
    """What is kept of a key. Plain SHA-256: nobody guesses 256 random bits, so that nothing slower is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_same(kept: str | None, secret: str) -> bool:
    """Whether this key is the one whose digest was kept, in a time that tells nothing."""
    return kept is not None and hmac.compare_digest(kept, digest(secret))
