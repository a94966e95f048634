"""The secret that signs everything this installation signs: given in the settings, or made once and kept."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from chassis.settings import Settings, SettingsError

_FILE = "secret"
_SHORTEST = 16


def installation_secret(settings: Settings) -> str:
    """``RELATA_SECRET``, or the content of ``secret`` under RELATA_VAR, made on the first start.

    Every process of one installation gets the same, whichever starts first. Raises SettingsError when it is too short
    or cannot be kept.
    """
    if settings.secret is not None:
        return _long_enough(settings.secret.get_secret_value(), "RELATA_SECRET")
    path = settings.var / _FILE
    try:
        if not path.exists():
            keep_privately(path, secrets.token_urlsafe(48))
        return _long_enough(path.read_text().strip(), str(path))
    except OSError as error:
        raise SettingsError(f"RELATA_SECRET: is not set and cannot be kept in {path}: {error.strerror}") from error


def keep_privately(path: Path, content: str) -> None:
    """Write a file that only the operator can read; one that is there already stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    # A link appears whole or not at all, and never over another process's file.
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _long_enough(secret: str, name: str) -> str:
    if len(secret) < _SHORTEST:
        raise SettingsError(f"{name}: must have {_SHORTEST} characters or more")
    return secret
