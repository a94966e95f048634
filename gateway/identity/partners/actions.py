"""Partners come, change and go."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import Conflict
from chassis.i18n import say
from chassis.outbox import emit
from chassis.records import restore, soft_delete
from events.gateway import PartnerCreated, PartnerState, PartnerUpdated
from gateway.identity.partners.model import Partner


class PartnerNameTaken(Conflict):
    """Another partner is called like this."""

    code = "partner_name_taken"


def create_partner(
    tx: Session, *, name: str, active: bool = True, custom: dict[str, Any] | None = None, partner_id: str | None = None
) -> Partner:
    """A new partner may get keys; raises PartnerNameTaken."""
    _check_name(tx, name)
    partner = Partner(name=name, active=active, custom=custom or {})
    if partner_id is not None:
        partner.id = partner_id
    tx.add(partner)
    tx.flush()
    emit(tx, PartnerCreated(partner=partner.state))
    return partner


def change_partner(tx: Session, partner: Partner, changes: Mapping[str, Any]) -> Partner:
    """Rename it, switch its keys off or on; raises PartnerNameTaken."""
    if "name" in changes and changes["name"] != partner.name:
        _check_name(tx, changes["name"])
    before = partner.state
    for name, value in changes.items():
        setattr(partner, name, value)
    tx.flush()
    _announce_change(tx, partner, before)
    return partner


def delete_partner(tx: Session, partner: Partner) -> None:
    """Take it out of lists; its keys open nothing."""
    before = partner.state
    soft_delete(tx, partner)
    _announce_change(tx, partner, before)


def restore_partner(tx: Session, partner: Partner) -> Partner:
    """Bring a deleted one back, with its keys."""
    before = partner.state
    restore(tx, partner)
    _announce_change(tx, partner, before)
    return partner


def _announce_change(tx: Session, partner: Partner, before: PartnerState) -> None:
    old, new = before.model_dump(), partner.state.model_dump()
    changed = {name: (old[name], new[name]) for name in new if name != "version" and old[name] != new[name]}
    if changed:
        emit(tx, PartnerUpdated(partner=partner.state, changed=changed))


def _check_name(tx: Session, name: str) -> None:
    if tx.scalars(select(Partner.id).where(Partner.name == name, Partner.deleted_at.is_(None))).first():
        raise PartnerNameTaken(say("Another partner has this name."))
