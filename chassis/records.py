"""What every stored record has: an id, times, a version, custom fields, and a deletion that can be taken back."""

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import JSON, Index, Integer, String, Table, Uuid, inspect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from chassis.clock import UtcDateTime, utcnow
from chassis.ids import new_id


class Record:
    """Mixin of every table that holds records. ``__noun__`` is the literal name of its kind: rights and history use it.

    ``version`` starts at 1 and rises with each ORM change; a change based on an older version raises StaleDataError,
    which leaves the transaction as Conflict. A record with ``deleted_at`` is gone from lists and reads until restored.
    """

    __noun__: ClassVar[str]

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, onupdate=utcnow)
    created_by: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer)
    custom: Mapped[dict[str, Any]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"), default=dict)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.version}


R = TypeVar("R", bound=Record)


def soft_delete(tx: Session, record: Record) -> None:
    """Take the record out of lists and reads; deleting it again changes nothing."""
    if record.deleted_at is None:
        record.deleted_at = utcnow()
        tx.flush()


def restore(tx: Session, record: Record) -> None:
    """Bring a deleted record back. What must be unique is checked again: a taken key raises IntegrityError here."""
    if record.deleted_at is not None:
        record.deleted_at = None
        tx.flush()


def unique_while_alive(model: type[Record], *columns: str) -> Index:
    """A unique index that deleted records do not count in, so that deleting a record frees its keys."""
    table = table_of(model)
    alive = table.c.deleted_at.is_(None)
    keys = [table.c[name] for name in columns]
    name = f"{table.name}_{'_'.join(columns)}_key"
    return Index(name, *keys, unique=True, postgresql_where=alive, sqlite_where=alive)


def stamp_creator(tx: Session, *_: Any) -> None:
    """Before a flush: new records name the actor of the transaction as their creator."""
    context = tx.info.get("context")
    if context is None:
        return
    for record in tx.new:
        if isinstance(record, Record) and record.created_by is None:
            record.created_by = context.actor


def table_of(model: type[Record]) -> Table:
    """The table a record class is stored in."""
    table = inspect(model).local_table
    assert isinstance(table, Table)
    return table
