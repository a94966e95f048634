"""Documents on their way to ERPs, and links, as people see them."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from chassis.http import Body, View
from chassis.i18n import Catalogue, Language
from chassis.money import Money
from services.erp_bridge.documents.model import BridgedDocument, State
from services.erp_bridge.words import again


class DocumentView(View):
    """One document for one ERP. ``reason`` is a sentence; ``attempts`` how often it was tried."""

    id: str
    connection_id: str
    type: str
    document_id: str
    number: str
    customer: str
    total: Money
    state: State
    reason: str | None
    attempts: int
    erp_id: str | None
    erp_number: str | None
    erp_state: str | None
    created_at: datetime
    accepted_at: datetime | None

    @classmethod
    def of(cls, record: BridgedDocument, attempts: int, catalogue: Catalogue, language: Language) -> "DocumentView":
        """The document, its reason in the reader's language."""
        return cls(
            **{name: getattr(record, name) for name in cls.model_fields if name not in ("total", "reason", "attempts")},
            total=Money(amount=record.total, currency=record.currency),
            reason=catalogue.text(again(record.reason), language) if record.reason else None,
            attempts=attempts,
        )


class GiveUp(Body):
    """Why it will never be sent."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class LinkView(View):
    """What one of our records is called in an ERP."""

    id: str
    connection_id: str
    type: str
    crm_id: str
    erp_id: str
    erp_number: str | None
    created_at: datetime
