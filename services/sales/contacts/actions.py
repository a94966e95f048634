"""What people do with contacts alone; the rest they have in common with accounts, see ``parties``."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from services.sales.contacts.model import Contact
from services.sales.names import name_parts
from services.sales.parties import actions as parties
from services.sales.people.queries import Person


def create_contact(tx: Session, *, facts: Mapping[str, Any], owner: Person | None, **lists: Any) -> Contact:
    """A new contact. ``facts`` are columns by name; ``lists`` phones, emails and addresses."""
    names = name_parts(facts.get("full_name"), facts.get("first_name"), facts.get("last_name"))
    named = dict(zip(("full_name", "first_name", "last_name"), names, strict=True))
    return parties.create(tx, Contact(**{**facts, **named}), owner=owner, **lists)


def change_contact(tx: Session, contact: Contact, *, facts: Mapping[str, Any], **lists: Any) -> Contact:
    """Set these columns. A new full name is split anew unless its parts are said."""
    if "full_name" in facts and not {"first_name", "last_name"} & facts.keys():
        _, first_name, last_name = name_parts(facts["full_name"])
        facts = {**facts, "first_name": first_name, "last_name": last_name}
    return parties.change(tx, contact, facts, **lists)
