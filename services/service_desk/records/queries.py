"""What others' records are called, and whether somebody may name them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.access import System, access_of
from chassis.errors import FieldError, NotFound
from chassis.i18n import say
from chassis.rights import UnknownReference
from services.service_desk.records.model import records


@dataclass(slots=True, frozen=True)
class Known:
    """A record of sales."""

    name: str
    account_id: str | None
    owner_id: str | None
    team_id: str | None
    deleted: bool


def known_records(tx: Session, refs: Collection[str]) -> dict[str, Known]:
    """Those of these records that have been announced, deleted ones among them."""
    if not refs:
        return {}
    chosen = select(records).where(records.c.ref.in_(sorted(refs)))
    return {
        row.ref: Known(row.name, row.account_id, row.owner_id, row.team_id, row.deleted) for row in tx.execute(chosen)
    }


def may_name(tx: Session, ref: str, known: Known | None) -> bool:
    """Whether the asker may refer to this record.

    What has not been announced yet may be named by whoever may read all of its kind: somebody whose right ends at
    their own records would learn the name of a colleague's as soon as it comes.
    """
    access = access_of(tx)
    if known is not None and known.deleted:
        return False
    if isinstance(access, System):
        return True
    noun = ref.partition(":")[0]
    if known is None or noun == "product":
        return access.depth(noun, "read") == "all"
    return access.reaches(noun, known.owner_id, known.team_id, "read")


def must_be_nameable(tx: Session, fields: Mapping[str, str]) -> None:
    """Refuse a reference that the asker may not make; ``fields`` are references by the field they stand in."""
    known = known_records(tx, set(fields.values()))
    message = say("There is no such record, or it is not known here yet.")
    wrong = [FieldError(f"/{field}", message) for field, ref in fields.items() if not may_name(tx, ref, known.get(ref))]
    if wrong:
        raise UnknownReference(message, errors=wrong)


def must_be_readable(tx: Session, ref: str) -> None:
    """Raise NotFound for a record that is unknown here, deleted, or not the asker's to read: they look alike."""
    known = known_records(tx, {ref}).get(ref)
    if known is None or not may_name(tx, ref, known):
        raise NotFound()
