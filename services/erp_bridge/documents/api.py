"""Routes for those who watch documents go to ERPs."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.errors import NotFound
from chassis.http import Router
from chassis.i18n import Catalogue, Language
from chassis.paging import ListRequest, Page
from services.erp_bridge.documents import actions
from services.erp_bridge.documents.model import BridgedDocument, Link
from services.erp_bridge.documents.queries import DOCUMENTS, LINKS, attempts_at
from services.erp_bridge.documents.schemas import DocumentView, GiveUp, LinkView
from services.erp_bridge.rights import reads, replays

router = Router(tags=["erp"])


@router.get("/erp/documents", allow=reads, listing=DOCUMENTS)
def list_documents(tx: Session, asked: ListRequest, language: Language, catalogue: Catalogue) -> Page[DocumentView]:
    """Documents and where they stand: queued, delayed, accepted, refused or dropped."""
    tried: dict[str, int] = {}

    def show(record: BridgedDocument) -> DocumentView:
        if record.delivery_id not in tried:
            tried.update(dict.fromkeys([record.delivery_id], 0) | attempts_at(tx, [record.delivery_id]))
        return DocumentView.of(record, tried[record.delivery_id], catalogue, language)

    return DOCUMENTS.page(tx, asked, show)


@router.get("/erp/documents/{erp_document_id}", allow=reads)
def read_document(tx: Session, erp_document_id: UUID, language: Language, catalogue: Catalogue) -> DocumentView:
    """One document for one ERP."""
    return _view(tx, _find(tx, erp_document_id), catalogue, language)


@router.post("/erp/documents/{erp_document_id}/replay", allow=replays)
def replay_document(tx: Session, erp_document_id: UUID, language: Language, catalogue: Catalogue) -> DocumentView:
    """Send a refused document again, once what was wrong is mended."""
    record = actions.send_again(tx, _find(tx, erp_document_id, lock=True))
    return _view(tx, record, catalogue, language)


@router.post("/erp/documents/{erp_document_id}/drop", allow=replays)
def drop_document(
    tx: Session, erp_document_id: UUID, body: GiveUp, language: Language, catalogue: Catalogue
) -> DocumentView:
    """Never send a refused document; the customer's next ones go on."""
    record = actions.give_up(tx, _find(tx, erp_document_id, lock=True), reason=body.reason)
    return _view(tx, record, catalogue, language)


@router.get("/erp/links", allow=reads, listing=LINKS)
def list_links(tx: Session, asked: ListRequest) -> Page[LinkView]:
    """Which record here is which there."""
    return LINKS.page(tx, asked, LinkView.model_validate)


@router.get("/erp/links/{link_id}", allow=reads)
def read_link(tx: Session, link_id: UUID) -> LinkView:
    """One link."""
    link = tx.get(Link, str(link_id))
    if link is None:
        raise NotFound
    return LinkView.model_validate(link)


def _find(tx: Session, erp_document_id: UUID, *, lock: bool = False) -> BridgedDocument:
    record = tx.get(BridgedDocument, str(erp_document_id), with_for_update=lock or None)
    if record is None:
        raise NotFound
    return record


def _view(tx: Session, record: BridgedDocument, catalogue: Catalogue, language: Language) -> DocumentView:
    attempts = attempts_at(tx, [record.delivery_id]).get(record.delivery_id, 0)
    return DocumentView.of(record, attempts, catalogue, language)
