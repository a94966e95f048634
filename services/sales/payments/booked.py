"""Payments that the ERP booked against our invoices, and those that are gone there.

The two announcements of one payment may come in any order and more than once: the later one in the ERP payment's own
sequence counts, and an earlier one that comes after it changes nothing.
"""

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.access import find
from chassis.errors import Conflict, NotFound, NotYet
from chassis.i18n import say
from events.erp_bridge import ErpPayment
from services.sales.days import today
from services.sales.invoices.model import OWED, Invoice
from services.sales.payments.actions import receive_payment, reverse_payment
from services.sales.payments.model import Payment, PaymentStatus, erp_payments


class NotMoney(Conflict):
    """The ERP calls something a payment that brings nothing in."""

    code = "not_money"


@dataclass(slots=True, frozen=True)
class _Known:
    """What there is of an ERP payment here: the payment that stands for it, if any."""

    payment: Payment | None

    @property
    def stands(self) -> bool:
        return self.payment is not None and self.payment.status != PaymentStatus.REVERSED


def book(tx: Session, booked: ErpPayment, sequence: int) -> None:
    """The ERP booked it: a payment, allocated to its invoice as far as that is owed; the rest is credit.

    Raises NotYet while the invoice is unknown here, NotMoney for what is not more than nothing.
    """
    known = _newest(tx, booked.id, sequence)
    if known is None or known.stands:
        return
    if booked.amount.amount <= 0:
        raise NotMoney(say("The payment's amount is not more than zero."))
    try:
        invoice = find(tx, Invoice, booked.invoice_id, lock=True)
    except NotFound as error:
        raise NotYet(say("The invoice is not known here.")) from error
    payment = receive_payment(
        tx,
        facts={
            "account_id": invoice.account_id,
            "contact_id": invoice.contact_id,
            "amount": booked.amount.amount,
            "currency": booked.amount.currency,
            "paid_on": booked.paid_on,
            "method": booked.method and booked.method[:60],
            "reference": booked.reference and booked.reference[:200],
        },
        owner=(invoice.owner_id, invoice.team_id),
        day=today(),
        origin="erp",
        wanted={invoice.id: None} if _takes(invoice, booked) else None,
    )
    tx.execute(update(erp_payments).where(erp_payments.c.id == booked.id).values(payment_id=payment.id))


def unbook(tx: Session, booked: ErpPayment, sequence: int) -> None:
    """It is gone in the ERP: what it paid is owed again. If it was never booked here, it will not be."""
    known = _newest(tx, booked.id, sequence)
    if known is not None and known.payment is not None:
        reverse_payment(tx, known.payment, by="erp")


def _takes(invoice: Invoice, booked: ErpPayment) -> bool:
    return invoice.status in OWED and invoice.currency == booked.amount.currency


def _newest(tx: Session, erp_payment_id: str, sequence: int) -> _Known | None:
    """What there is of this payment, its row locked; None when something later has been told of it before."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    upsert = insert(erp_payments).values(id=erp_payment_id, sequence=sequence)
    newer = upsert.on_conflict_do_update(
        index_elements=["id"],
        set_={"sequence": upsert.excluded.sequence},
        where=erp_payments.c.sequence < upsert.excluded.sequence,
    ).returning(erp_payments.c.payment_id)
    row = tx.execute(newer).one_or_none()
    if row is None:
        return None
    return _Known(find(tx, Payment, row.payment_id, lock=True) if row.payment_id else None)
