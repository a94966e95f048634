"""Numbers that people can say: ``CS-2026-000123``."""

from datetime import date
from typing import Literal

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from services.service_desk.numbers.model import number_counters

Series = Literal["CS", "KB"]


def next_number(tx: Session, series: Series, day: date) -> str:
    """The next number of this series in this year, such as ``CS-2026-000123``.

    The counter's row stays locked until the transaction ends: whoever comes next waits to see whether the number was
    used. A transaction that fails gives it back, so there are no gaps. Take it late, for all others queue.
    """
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    upsert = insert(number_counters).values(series=series, year=day.year, last=1)
    counted = upsert.on_conflict_do_update(
        index_elements=["series", "year"], set_={"last": number_counters.c.last + 1}
    ).returning(number_counters.c.last)
    return f"{series}-{day.year}-{tx.execute(counted).scalar_one():06d}"
