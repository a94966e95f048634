"""``/tax_codes``: which taxes there are."""

from sqlalchemy.orm import Session

from chassis.http import Router
from chassis.i18n import Language
from chassis.paging import ListRequest, Page
from chassis.rights import must_have
from services.sales.taxes.model import TaxCode
from services.sales.taxes.queries import TAX_CODES
from services.sales.taxes.schemas import TaxCodeView

router = Router(tags=["tax codes"])


@router.get("/tax_codes", listing=TAX_CODES)
def list_tax_codes(tx: Session, asked: ListRequest, language: Language) -> Page[TaxCodeView]:
    """The taxes, with the days on which each applies."""
    must_have(tx, TaxCode, "read")
    return TAX_CODES.page(tx, asked, lambda row: TaxCodeView.of(row, language))
