"""Secrets at rest: readable only with the installation's own secret, which is not in the database."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.settings import Settings, SettingsError


class CannotOpen(Exception):
    """Sealed by an installation with another secret."""


def seal(settings: Settings, secret: str) -> str:
    """The secret as it may be stored."""
    return _box(_key(settings)).encrypt(secret.encode()).decode()


def unseal(settings: Settings, sealed: str) -> str:
    """The secret again; raises CannotOpen when RELATA_SECRET is not the one it was sealed with."""
    try:
        return _box(_key(settings)).decrypt(sealed).decode()
    except InvalidToken as error:
        raise CannotOpen("RELATA_SECRET is not the one this was sealed with") from error


def _key(settings: Settings) -> str:
    if settings.secret is None:
        raise SettingsError("RELATA_SECRET: must be set")
    return settings.secret.get_secret_value()


@lru_cache(maxsize=4)
def _box(secret: str) -> Fernet:
    # A key of its own: what seals signs nothing.
    derived = HKDF(SHA256(), 32, salt=None, info=b"relata webhook secrets").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
