"""How our documents stand in the ERP."""

from collections.abc import Collection
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.i18n import Language
from services.sales.erp.model import erp_documents

ErpState = Literal["none", "queued", "delayed", "accepted", "refused", "changed"]


class InErp(BaseModel):
    """``none`` until a connection takes the document up. ``reason`` is a sentence in the reader's language."""

    state: ErpState = "none"
    reason: str | None = None
    erp_number: str | None = None
    connection: str | None = None


def in_erp(
    tx: Session, kind: Literal["order", "invoice"], ids: Collection[str], language: Language
) -> dict[str, InErp]:
    """How each of these documents stands, by id; those that no ERP knows of are left out."""
    if not ids:
        return {}
    known = erp_documents.c
    columns = (known.id, known.state, known.reason, known.reasons, known.erp_number, known.connection)
    rows = tx.execute(select(*columns).where(known.type == kind, known.id.in_(sorted(ids))))
    return {
        row.id: InErp(
            state=row.state,
            reason=(row.reasons or {}).get(language, row.reason),
            erp_number=row.erp_number,
            connection=row.connection,
        )
        for row in rows
    }
