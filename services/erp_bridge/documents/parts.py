"""What sales announces, as a connector is given it."""

from collections.abc import Iterable
from datetime import date

from events.sales.documents import Buyer, Totals
from events.sales.documents import Line as SoldLine
from events.sales.invoices import InvoiceState
from events.sales.orders import OrderState
from services.erp_bridge.connectors.base import Document, Kind, Line, Party, Tax


def document_of_order(order: OrderState) -> Document:
    """A confirmed order."""
    return _document(
        "order", order.id, order.number, order.buyer, order.currency, order.ordered_on, order.lines, order.totals
    )


def document_of_invoice(invoice: InvoiceState) -> Document:
    """An issued invoice; one without a date is of the day it was last changed."""
    dated = invoice.issued_on or invoice.updated_at.date()
    number = invoice.number or invoice.id
    document = _document(
        "invoice", invoice.id, number, invoice.buyer, invoice.currency, dated, invoice.lines, invoice.totals
    )
    return document.model_copy(update={"due_on": invoice.due_on, "order_reference": invoice.order_id})


def _document(
    kind: Kind,
    reference: str,
    number: str,
    buyer: Buyer,
    currency: str,
    dated: date,
    lines: Iterable[SoldLine],
    totals: Totals,
) -> Document:
    return Document(
        kind=kind,
        reference=reference,
        number=number,
        party=party_of(buyer),
        currency=currency,
        dated=dated,
        lines=tuple(_line(line) for line in lines),
        taxes=tuple(Tax(code=each.tax_code, rate=each.rate, net=each.net, tax=each.tax) for each in totals.groups),
        net=totals.net,
        tax=totals.tax,
        total=totals.total,
    )


def party_of(buyer: Buyer) -> Party:
    """Who buys, as the document names them."""
    address = buyer.address
    return Party(
        reference=buyer.reference,
        is_company=buyer.account_id is not None,
        name=buyer.name,
        tax_code=buyer.tax_code,
        email=buyer.email,
        phone=buyer.phone,
        street=address.line if address else None,
        ward=address.ward if address else None,
        province=address.province if address else None,
        country=address.country if address else "VN",
    )


def _line(line: SoldLine) -> Line:
    return Line(
        code=line.code,
        name=line.name,
        unit=line.unit,
        quantity=line.quantity,
        unit_price=line.unit_price,
        net=line.net,
        tax=line.tax,
        tax_code=line.tax_code,
        tax_rate=line.tax_rate,
    )
