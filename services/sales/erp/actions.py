"""Keeping the copy of what the bridge says up to date."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from events.erp_bridge import ErpDocument
from services.sales.erp.model import erp_documents
from services.sales.erp.queries import ErpState


def note_in_erp(tx: Session, document: ErpDocument, state: ErpState) -> None:
    """Store how this document stands there now; once it was changed there, its state there is the reason."""
    reason = document.reason or (document.erp_state if state == "changed" else None)
    row = {
        "type": document.type,
        "id": document.id,
        "state": state,
        "reason": reason and reason[:2000],
        "reasons": {language: said[:2000] for language, said in document.reasons.items()},
        "erp_number": document.erp_number,
        "connection_id": document.connection_id,
        "connection": document.connection[:300],
    }
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    upsert = insert(erp_documents)
    changed = {name: upsert.excluded[name] for name in row if name not in ("type", "id")}
    tx.execute(upsert.on_conflict_do_update(index_elements=["type", "id"], set_=changed), row)
