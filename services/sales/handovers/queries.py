"""Looking at what somebody has open, and at whose customers went to whom."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from chassis.access import as_system
from services.sales.handovers.kinds import KINDS, Kind
from services.sales.handovers.model import handover_customers, handovers


def open_records_of(tx: Session, user_id: str) -> dict[str, int]:
    """How many open records of each kind this person owns, whoever asks."""
    with as_system(tx, "what a seller would leave behind is counted whole"):
        return {kind.noun: tx.scalar(_of(select(func.count()), kind, user_id)) or 0 for kind in KINDS}


def some_open(tx: Session, kind: Kind, user_id: str, at_most: int) -> Sequence[Any]:
    """Some of the open records of this kind that this person owns, locked; in one order, so that nobody deadlocks."""
    chosen = _of(select(kind.model), kind, user_id).order_by(kind.model.id).limit(at_most)
    return tx.scalars(chosen.with_for_update(of=kind.model)).all()


def _of(statement: Any, kind: Kind, user_id: str) -> Any:
    return statement.select_from(kind.model).where(kind.model.owner_id == user_id, kind.is_open())


def get_handover(tx: Session, handover_id: str, *, lock: bool = False) -> Row[Any] | None:
    """The handover as sales knows it, or None."""
    chosen = select(handovers).where(handovers.c.id == handover_id)
    return tx.execute(chosen.with_for_update() if lock else chosen).one_or_none()


def customers_of(
    tx: Session, handover_id: str, *, to_user_id: str | None, after: int, at_most: int
) -> Sequence[Row[Any]]:
    """Some of the customers that were handed over, to this person or to anybody, in the order in which they were."""
    chosen = select(handover_customers).where(
        handover_customers.c.handover_id == handover_id, handover_customers.c.place > after
    )
    if to_user_id is not None:
        chosen = chosen.where(handover_customers.c.to_user_id == to_user_id)
    return tx.execute(chosen.order_by(handover_customers.c.place).limit(at_most)).all()
