"""Secrets at rest: readable only with the installation's own secret, which is not in the database."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.settings import Settings, SettingsError


class CannotOpen(Exception):
    """Sealed by an installation with another secret."""


def seal(settings: Settings, secret: str, *, purpose: str) -> str:
    """The secret as it may be stored. ``purpose`` is a literal (``webhook secrets``): each has a key of its own."""
    return _box(_key(settings), purpose).encrypt(secret.encode()).decode()


def unseal(settings: Settings, sealed: str, *, purpose: str) -> str:
    """The secret again; raises CannotOpen when RELATA_SECRET is not the one it was sealed with."""
    try:
        return _box(_key(settings), purpose).decrypt(sealed).decode()
    except InvalidToken as error:
        raise CannotOpen("RELATA_SECRET is not the one this was sealed with") from error


def _key(settings: Settings) -> str:
    if settings.secret is None:
        raise SettingsError("RELATA_SECRET: must be set")
    return settings.secret.get_secret_value()


@lru_cache(maxsize=16)
def _box(secret: str, purpose: str) -> Fernet:
    # A key of its own: what seals signs nothing.
    derived = HKDF(SHA256(), 32, salt=None, info=f"relata {purpose}".encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
