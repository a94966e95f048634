"""The routes of payments. Each says which right it needs, finds the record as the caller, calls one action."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, to_change, to_read
from services.sales.customers.queries import find_customer
from services.sales.days import today
from services.sales.payments import actions
from services.sales.payments.model import Payment
from services.sales.payments.queries import PAYMENTS
from services.sales.payments.schemas import AllocatePayment, CreatePayment, PaymentView, wanted

router = Router(tags=["payments"])


@router.get("/payments", listing=PAYMENTS)
def list_payments(tx: Session, asked: ListRequest) -> Page[PaymentView]:
    """The payments that the caller may see."""
    must_have(tx, Payment, "read")
    return PAYMENTS.page(tx, asked, PaymentView.of)


@router.post("/payments", status_code=201)
def create_payment(tx: Session, body: CreatePayment) -> PaymentView:
    """Money came in, as somebody enters it. It belongs to whoever owns the customer."""
    must_have(tx, Payment, "create")
    account_id, contact_id = (str(each) if each else None for each in (body.account_id, body.contact_id))
    customer = find_customer(tx, account_id=account_id, contact_id=contact_id)
    payment = actions.receive_payment(
        tx,
        facts={
            "account_id": account_id,
            "contact_id": contact_id,
            "amount": body.amount.amount,
            "currency": body.amount.currency,
            **{name: getattr(body, name) for name in ("paid_on", "method", "reference")},
        },
        owner=(customer.owner_id, customer.team_id),
        day=today(),
        wanted=wanted(body.allocations),
        payment_id=str(body.id) if body.id else None,
    )
    return PaymentView.of(payment)


@router.get("/payments/{payment_id}")
def read_payment(tx: Session, payment_id: UUID) -> PaymentView:
    """One payment."""
    return PaymentView.of(to_read(tx, Payment, payment_id))


@router.post("/payments/{payment_id}/allocate")
def allocate(tx: Session, payment_id: UUID, body: AllocatePayment, if_match: IfMatch) -> PaymentView:
    """Let it pay invoices; 409 for more than is left of the payment or owed by the invoice."""
    payment = to_change(tx, Payment, payment_id, if_match, view=PaymentView.of)
    return PaymentView.of(actions.allocate(tx, payment, wanted(body.allocations)))


@router.post("/payments/{payment_id}/reverse")
def reverse_payment(tx: Session, payment_id: UUID, if_match: IfMatch) -> PaymentView:
    """It was a mistake or was sent back: what it paid is owed again."""
    payment = to_change(tx, Payment, payment_id, if_match, view=PaymentView.of)
    return PaymentView.of(actions.reverse_payment(tx, payment))


@router.get("/payments/{payment_id}/history")
def read_payment_history(tx: Session, payment_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a payment, by whom and when, newest first."""
    return History.of(tx, to_read(tx, Payment, payment_id), limit=limit, cursor=cursor)
