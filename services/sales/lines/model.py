"""What quotes, orders and invoices store alike: who buys, lines, and what they come to."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.money import Amount
from events.sales import Buyer, Line, Totals
from services.sales.tables import Json


class Priced:
    """Mixin of a document with lines. ``buyer``, ``lines`` and ``totals`` are kept as events show them."""

    buyer: Mapped[dict[str, Any]] = mapped_column(Json)
    buyer_name: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    contact_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    currency: Mapped[str] = mapped_column(String(3), default="VND")
    discount_percent: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    totals: Mapped[dict[str, Any]] = mapped_column(Json)
    total: Mapped[Decimal] = mapped_column(Amount)

    def sell_to(self, buyer: Buyer) -> None:
        """Keep who buys, as they are now."""
        self.buyer = buyer.model_dump(mode="json")
        self.buyer_name = buyer.name[:300]
        self.account_id, self.contact_id = buyer.account_id, buyer.contact_id

    def charge(self, lines: Sequence[Line], totals: Totals) -> None:
        """Keep these lines and what they come to."""
        self.lines = [line.model_dump(mode="json") for line in lines]
        self.totals = totals.model_dump(mode="json")
        self.total = totals.total

    @property
    def who_buys(self) -> Buyer:
        """Who the document is for."""
        return Buyer.model_validate(self.buyer)

    @property
    def priced_lines(self) -> tuple[Line, ...]:
        """The lines."""
        return tuple(Line.model_validate(line) for line in self.lines)

    @property
    def comes_to(self) -> Totals:
        """The totals."""
        return Totals.model_validate(self.totals)
