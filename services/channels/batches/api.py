"""Routes for partners who push leads by the thousand."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session
from starlette.requests import Request

from chassis.caller import Caller
from chassis.errors import FieldError, Invalid
from chassis.http import API, MIB, Face, RawBody, Router
from chassis.i18n import choose_language, say
from services.channels.batches import actions, queries
from services.channels.batches.model import MOST_ROWS
from services.channels.batches.rows import read_rows
from services.channels.batches.schemas import BatchAccepted, BatchCounts, BatchRowView, BatchView, RowErrorView
from services.channels.intake.model import Status
from services.channels.intake.partners import partner_of, pushes_leads
from services.channels.intake.schemas import PushedLead, headers_of

router = Router(tags=["leads coming in"])

_LEAD = {"$ref": "#/components/schemas/PushLead"}
_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": {"type": "array", "items": _LEAD, "minItems": 1, "maxItems": MOST_ROWS}},
        "application/x-ndjson": {"schema": {"type": "string", "description": "One lead a line."}},
    },
}


@router.post(
    "/partner/leads/batch",
    status_code=202,
    allow=pushes_leads,
    body_limit=20 * MIB,
    array_limit=MOST_ROWS,
    openapi_extra={"requestBody": _BODY},
)
def push_batch(tx: Session, caller: Caller, face: Face, request: Request, raw: RawBody) -> BatchAccepted:
    """Push up to 10,000 leads, as a JSON array or one JSON object a line. Good rows go in although others are bad."""
    language = choose_language(request.headers.get("accept-language", ""), caller.locale)
    headers = headers_of(request)
    rows = read_rows(raw, headers.get("content-type", ""))
    rows.errors = [replace(error, message=face.catalogue.text(error.message, language)) for error in rows.errors]
    batch_id = actions.receive_batch(tx, partner_of(caller), rows=rows, headers=headers)
    return BatchAccepted(
        batch_id=batch_id,
        status_url=f"{API}/partner/batches/{batch_id}",
        accepted=len(rows.good),
        rejected=rows.rejected,
        errors=[RowErrorView.model_validate(error) for error in rows.errors],
        errors_total=rows.errors_total,
    )


@router.get("/partner/batches/{batch_id}", allow=pushes_leads)
def read_batch(
    tx: Session,
    caller: Caller,
    batch_id: UUID,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> BatchView:
    """How far a batch has got: its counts, and a page of its rows, which `status` narrows down."""
    batch = queries.find_own_batch(tx, partner_of(caller), str(batch_id))
    rows = queries.rows_of(tx, batch.id, after=_row_after(cursor), limit=limit + 1, status=status)
    return BatchView(
        batch_id=batch.id,
        received_at=batch.received_at,
        accepted=batch.accepted,
        rejected=batch.rejected,
        errors=[RowErrorView.model_validate(error) for error in batch.errors],
        errors_total=batch.errors_total,
        counts=BatchCounts.model_validate(queries.count_rows(tx, batch.id)),
        items=[BatchRowView(row=row, **PushedLead.of(submission).model_dump()) for row, submission in rows[:limit]],
        next_cursor=str(rows[limit - 1][0]) if len(rows) > limit else None,
    )


def _row_after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 9):
        message = say("This cursor is not one of this list, with this filter and sort.")
        raise Invalid(message, errors=[FieldError("?cursor", message)])
    return int(cursor)
