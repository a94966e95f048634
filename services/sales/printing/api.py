"""Documents on paper."""

from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from chassis.access import acting
from chassis.caller import Caller
from chassis.http import Face, Router
from chassis.i18n import Catalogue, Language
from chassis.typesetting import Typesetter
from services.sales.days import today
from services.sales.people.queries import name_of
from services.sales.printing.documents import Writer, printed_quote
from services.sales.quotes.model import Quote
from services.sales.rights import to_read
from services.sales.taxes.queries import taxes_of

router = Router(tags=["quotes"])

_TEMPLATE = Path(__file__).with_name("quote.typ").read_text(encoding="utf-8")
_PDF: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The quote on A4",
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/quotes/{quote_id}/pdf", responses=_PDF)
async def print_quote(
    request: Request,
    face: Face,
    caller: Caller,
    catalogue: Catalogue,
    language: Language,
    quote_id: UUID,
    asked: Annotated[Literal["vi", "en"] | None, Query(alias="language")] = None,
) -> Response:
    """The quote as a PDF, in Vietnamese or English: as `language` says, else as `Accept-Language` does."""

    def look(tx: Session) -> tuple[str, dict[str, Any]]:
        acting(tx, caller, teams=caller.own_team_ids)
        quote = to_read(tx, Quote, quote_id)
        writer = Writer(catalogue, asked or language, quote.currency)
        seller = name_of(tx, quote.owner_id) if quote.owner_id else None
        company = face.node.settings.company
        values = printed_quote(quote, company=company, seller=seller, taxes=taxes_of(tx), day=today(), writer=writer)
        return quote.number, values

    number, values = await face.read(look)
    pdf = await _typesetter(request).pdf(_TEMPLATE, values)
    return Response(
        pdf, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{number}.pdf"'}
    )


def _typesetter(request: Request) -> Typesetter:
    """One for the app, so that its turns are everybody's."""
    state = request.app.state
    if not hasattr(state, "typesetter"):
        state.typesetter = Typesetter()
    known: Typesetter = state.typesetter
    return known
