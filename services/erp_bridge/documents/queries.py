"""Looking for documents on their way, and for links."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.deliveries import deliveries
from chassis.filters import Filter
from chassis.paging import Listing
from services.erp_bridge.connectors.base import Kind
from services.erp_bridge.documents.model import BridgedDocument, Link, State

DOCUMENTS = Listing(
    model=BridgedDocument,
    sorts=("created_at",),
    default_sort="-created_at",
    filters={
        "connection_id": Filter(BridgedDocument.connection_id),
        "state": Filter(BridgedDocument.state, State),
        "type": Filter(BridgedDocument.type, Kind),
        "document_id": Filter(BridgedDocument.document_id, UUID),
        "customer": Filter(BridgedDocument.customer),
    },
)
LINKS = Listing(
    model=Link,
    sorts=("created_at",),
    default_sort="-created_at",
    filters={
        "connection_id": Filter(Link.connection_id),
        "type": Filter(Link.type),
        "crm_id": Filter(Link.crm_id),
        "erp_id": Filter(Link.erp_id),
    },
)


def get_by_delivery(tx: Session, delivery_id: str) -> BridgedDocument | None:
    """The document that this delivery takes to an ERP, locked."""
    return tx.scalar(select(BridgedDocument).where(BridgedDocument.delivery_id == delivery_id).with_for_update())


def get_in_erp(tx: Session, connection_id: str, kind: str, document_id: str) -> BridgedDocument | None:
    """Our document in this ERP, locked; none for what is not ours or was not sent there."""
    return tx.scalar(
        select(BridgedDocument)
        .where(
            BridgedDocument.document_id == document_id,
            BridgedDocument.type == kind,
            BridgedDocument.connection_id == connection_id,
        )
        .with_for_update()
    )


def attempts_at(tx: Session, delivery_ids: Sequence[str]) -> dict[str, int]:
    """How often each of these was tried; deliveries of long ago are forgotten."""
    made = select(deliveries.c.id, deliveries.c.attempts).where(deliveries.c.id.in_(delivery_ids))
    return {row.id: row.attempts for row in tx.execute(made)}
