"""What must be there before anybody can sign in: the built-in roles and an administrator."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from chassis.context import Context
from chassis.database import lock
from chassis.emails import normalise_email
from chassis.service import Node
from chassis.settings import SettingsError
from gateway.identity.passwords import LONGEST, SHORTEST
from gateway.identity.roles.actions import ensure_built_in_roles
from gateway.identity.roles.model import ADMINISTRATOR
from gateway.identity.users.actions import create_user
from gateway.identity.users.queries import has_other_administrator, user_with_email
from gateway.secrets import keep_privately

PASSWORD_FILE = "admin-password"
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """Who was made. ``password`` only when it was generated: print it once; ``kept_in`` has it for the operator."""

    email: str
    password: str | None
    kept_in: Path | None


def ensure_administrator(node: Node) -> FirstAdministrator | None:
    """The built-in roles are there, and somebody may administer. None when somebody could already.

    Safe to call at every start and from several processes at once.
    """
    email, password, kept_in = _credentials(node)
    with node.begin(Context.fresh("system:first start")) as tx:
        lock(tx, ["gateway first start"])
        ensure_built_in_roles(tx)
        if has_other_administrator(tx, NOBODY) or user_with_email(tx, email) is not None:
            return None
        if kept_in is not None:
            # Before the commit: an administrator whose password nobody knows is worse than a file too many.
            kept_in.unlink(missing_ok=True)
            keep_privately(kept_in, password)
        create_user(tx, email=email, name="Administrator", password=password, role_ids=[ADMINISTRATOR])
    return FirstAdministrator(email, password if kept_in else None, kept_in)


def _credentials(node: Node) -> tuple[str, str, Path | None]:
    settings = node.settings
    email = normalise_email(settings.admin_email)
    if email is None:
        raise SettingsError("RELATA_ADMIN_EMAIL: is not an e-mail address")
    if settings.admin_password is None:
        return email, secrets.token_urlsafe(15), settings.var / PASSWORD_FILE
    password = settings.admin_password.get_secret_value()
    if not SHORTEST <= len(password) <= LONGEST:
        raise SettingsError(f"RELATA_ADMIN_PASSWORD: must have {SHORTEST} to {LONGEST} characters")
    return email, password, None
