"""Who shares what tells one customer from another."""

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from services.sales.parties.model import Party, customer_points

P = TypeVar("P", bound=Party)

MOST_DUPLICATES = 50


def having(noun: str, phones: Collection[str], emails: Collection[str], *, surely: bool = False) -> Select[Any]:
    """Ids of the accounts or contacts that have one of these; ``surely``: that it is theirs alone."""
    points = customer_points.c
    shared: ColumnElement[bool] = or_(
        and_(points.kind == "phone", points.value.in_(phones)),
        and_(points.kind == "email", points.value.in_(emails)),
    )
    chosen = select(points.record_id).where(shared, points.noun == noun)
    return chosen.where(points.ambiguous.is_(False)) if surely else chosen


def duplicates_of(tx: Session, party: P, *also: ColumnElement[bool]) -> list[P]:
    """Others of its kind that share a phone or an e-mail address, or meet a condition in ``also``, oldest first.

    Those that the asker may see. Ambiguous numbers count here, since a person looks at the answer; hotlines do not.
    """
    model: Any = type(party)
    phones = [each["value"] for each in party.phones if each["identifies"]]
    emails = [each["value"] for each in party.emails]
    conditions = [*also]
    if phones or emails:
        conditions.append(model.id.in_(having(party.__noun__, phones, emails)))
    if not conditions:
        return []
    found = select(model).where(or_(*conditions), model.id != party.id)
    return list(tx.scalars(found.order_by(model.created_at, model.id).limit(MOST_DUPLICATES)))
