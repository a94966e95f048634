"""Keys are made, changed, given new secrets and revoked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import FieldError, Invalid
from chassis.i18n import say
from gateway.identity.keys.model import PARTNER_SCOPES, ApiKey
from gateway.identity.keys.secret import digest, new_prefix, new_secret
from gateway.identity.partners.model import Partner


def create_key(
    tx: Session,
    *,
    name: str,
    scopes: Sequence[str],
    partner_id: str | None = None,
    rate_limit: int | None = None,
    expires_at: datetime | None = None,
    key_id: str | None = None,
) -> tuple[ApiKey, str]:
    """A key and its secret, which is never shown again; raises Invalid for scopes that a partner may not have."""
    _check_partner(tx, partner_id)
    _check_scopes(scopes, partner_id)
    prefix = new_prefix()
    secret = new_secret(prefix)
    key = ApiKey(
        name=name,
        scopes=sorted(set(scopes)),
        partner_id=partner_id,
        rate_limit=rate_limit,
        expires_at=expires_at,
        prefix=prefix,
        secret_digest=digest(secret),
    )
    if key_id is not None:
        key.id = key_id
    tx.add(key)
    tx.flush()
    return key, secret


def change_key(tx: Session, key: ApiKey, changes: Mapping[str, Any]) -> ApiKey:
    """Another name, other scopes, another rate or end; they count at once."""
    if "scopes" in changes:
        _check_scopes(changes["scopes"], key.partner_id)
    for name, value in changes.items():
        setattr(key, name, sorted(set(value)) if name == "scopes" else value)
    tx.flush()
    return key


def rotate_key(tx: Session, key: ApiKey, *, overlap: timedelta) -> str:
    """A new secret; the old one stays good for ``overlap``. Raises KeyRevoked."""
    secret = key.renew(overlap)
    tx.flush()
    return secret


def revoke_key(tx: Session, key: ApiKey) -> ApiKey:
    """It opens nothing from now on."""
    key.revoke()
    tx.flush()
    return key


def _check_partner(tx: Session, partner_id: str | None) -> None:
    if partner_id is None:
        return
    if not tx.scalars(select(Partner.id).where(Partner.id == partner_id, Partner.deleted_at.is_(None))).first():
        message = say("There is no such partner.")
        raise Invalid(message, errors=[FieldError("/partner_id", message)])


def _check_scopes(scopes: Sequence[str], partner_id: str | None) -> None:
    if partner_id is None:
        return
    for number, scope in enumerate(scopes):
        if scope not in PARTNER_SCOPES:
            message = say("A partner's key may have: {scopes}.", scopes=", ".join(sorted(PARTNER_SCOPES)))
            raise Invalid(message, errors=[FieldError(f"/scopes/{number}", message)])
