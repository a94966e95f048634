"""The secrets of webhooks at rest."""

from chassis import sealing
from chassis.sealing import CannotOpen
from chassis.settings import Settings

__all__ = ["CannotOpen", "seal", "unseal"]

_PURPOSE = "webhook secrets"


def seal(settings: Settings, secret: str) -> str:
    """The secret as it may be stored."""
    return sealing.seal(settings, secret, purpose=_PURPOSE)


def unseal(settings: Settings, sealed: str) -> str:
    """The secret again; raises CannotOpen when RELATA_SECRET is not the one it was sealed with."""
    return sealing.unseal(settings, sealed, purpose=_PURPOSE)
