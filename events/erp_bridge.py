"""What the ERP bridge announces: what became of our documents in the ERP, and what happened there."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.event import Event
from chassis.money import Money


class ErpDocument(BaseModel):
    """One of our records (``type`` account, contact, product, order, invoice) on its way into an ERP or in it.

    ``number`` is what people call it here; ``erp_id`` and ``erp_number`` are the ERP's own once it has it. ``reason``
    is a sentence for an accountant, in ``reasons`` by language (en, vi).
    """

    model_config = ConfigDict(frozen=True)

    connection_id: str
    connection: str
    type: Literal["account", "contact", "product", "order", "invoice"]
    id: str
    number: str | None = None
    erp_id: str | None = None
    erp_number: str | None = None
    erp_state: str | None = None
    reason: str | None = None
    reasons: dict[str, str] = Field(default_factory=dict)


class _AboutDocument(Event):
    document: ErpDocument

    @property
    def subject(self) -> str:
        return f"erp_document:{self.document.type}:{self.document.id}"


class DocumentQueued(_AboutDocument):
    """It is on its way to the ERP."""

    type: ClassVar[str] = "erp_bridge.document.queued.v1"


class DocumentDelayed(_AboutDocument):
    """The ERP does not take it at the moment; it is tried again by itself. Said once until it is accepted."""

    type: ClassVar[str] = "erp_bridge.document.delayed.v1"


class DocumentAccepted(_AboutDocument):
    """The ERP has it, once."""

    type: ClassVar[str] = "erp_bridge.document.accepted.v1"


class DocumentRefused(_AboutDocument):
    """The ERP does not want it as it is; somebody has to mend something and replay it."""

    type: ClassVar[str] = "erp_bridge.document.refused.v1"


class DocumentChanged(_AboutDocument):
    """Its state in the ERP changed there (``erp_state``, as the ERP calls it)."""

    type: ClassVar[str] = "erp_bridge.document.changed.v1"


class ErpPayment(BaseModel):
    """Money that the ERP booked against one of our invoices. ``id`` is the same however often the ERP tells it."""

    model_config = ConfigDict(frozen=True)

    id: str
    connection_id: str
    erp_id: str
    invoice_id: str
    amount: Money
    paid_on: date
    method: str | None = None
    reference: str | None = None


class PaymentBooked(Event):
    """The ERP booked a payment against one of our invoices."""

    type: ClassVar[str] = "erp_bridge.payment.booked.v1"
    payment: ErpPayment

    @property
    def subject(self) -> str:
        return f"erp_payment:{self.payment.id}"


class PaymentUnbooked(Event):
    """A payment that the ERP had booked is gone there: what it paid is owed again."""

    type: ClassVar[str] = "erp_bridge.payment.unbooked.v1"
    payment: ErpPayment

    @property
    def subject(self) -> str:
        return f"erp_payment:{self.payment.id}"
