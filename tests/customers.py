"""The way from lead to payment as the events of sales and of the ERP bridge tell it, for those who only listen."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chassis.event import Envelope, Event, decode, encode
from chassis.ids import new_id
from events import erp_bridge, sales
from events.channels import Submission, SubmissionReceived

MORNING = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@dataclass
class Tellers:
    """Puts events into envelopes as their services would: numbered by subject, each a second after the one before."""

    told: list[Envelope] = field(default_factory=list)
    at: datetime = MORNING
    actor: str = "user:0193a1f0-0000-7000-8000-000000000002"
    _sequences: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def tell(self, event: Event, *, actor: str | None = None, correlation_id: str | None = None) -> Envelope:
        """This event happens now."""
        self.at += timedelta(seconds=1)
        self._sequences[event.subject] += 1
        envelope = Envelope(
            id=new_id(),
            source=f"relata/{event.type.partition('.')[0]}",
            type=event.type,
            subject=event.subject,
            sequence=self._sequences[event.subject],
            time=self.at,
            data=event.model_dump(mode="json"),
            correlation_id=correlation_id or new_id(),
            actor=actor or self.actor,
            persons=tuple(event.persons()),
        )
        self.told.append(decode(encode(envelope)))
        return self.told[-1]


@dataclass
class Customer:
    """Somebody on the way from lead to paid invoice; ``owner_id`` works on them. Ids are there from the start."""

    tellers: Tellers
    owner_id: str | None = None
    team_id: str | None = None
    source: str | None = "Facebook"
    campaign: str | None = None
    partner_id: str | None = None
    submission_id: str = field(default_factory=new_id)
    lead_id: str = field(default_factory=new_id)
    opportunity_id: str = field(default_factory=new_id)
    account_id: str = field(default_factory=new_id)
    quote_id: str = field(default_factory=new_id)
    order_id: str = field(default_factory=new_id)
    invoice_id: str = field(default_factory=new_id)
    payment_id: str = field(default_factory=new_id)

    def _common(self, **fields: Any) -> dict[str, Any]:
        at = self.tellers.at
        return {
            "owner_id": self.owner_id,
            "team_id": self.team_id,
            "created_at": at,
            "updated_at": at,
            "version": 1,
            **fields,
        }

    def lead(self, **fields: Any) -> sales.LeadState:
        origin = {"source": self.source, "campaign": self.campaign, "partner_id": self.partner_id}
        values = {
            "id": self.lead_id,
            "full_name": "Đặng Thị Ánh",
            "phones": ("+84912345678",),
            "status": "new",
            "stage": "new",
            "contactable": True,
            "submission_id": self.submission_id,
            "first_touch_at": MORNING,
            **origin,
            **self._common(created_at=MORNING),
        }
        return sales.LeadState.model_validate(values | fields)

    def opportunity(self, **fields: Any) -> sales.OpportunityState:
        values = {
            "id": self.opportunity_id,
            "name": "Máy nén khí cho Minh Phát",
            "status": "open",
            "pipeline_id": "0193a1f0-0000-7000-8000-0000000000b1",
            "stage": "proposal",
            "probability": 50,
            "amount": {"amount": "1250000", "currency": "VND"},
            "lead_id": self.lead_id,
            "source": self.source,
            "campaign": self.campaign,
            "partner_id": self.partner_id,
            **self._common(),
        }
        return sales.OpportunityState.model_validate(values | fields)

    def account(self, **fields: Any) -> sales.AccountState:
        values = {"id": self.account_id, "name": "Công ty TNHH Minh Phát", "lead_id": self.lead_id, **self._common()}
        return sales.AccountState.model_validate(values | fields)

    def _document(self, amount: int, **fields: Any) -> dict[str, Any]:
        return {
            "buyer": {"account_id": self.account_id, "name": "Công ty TNHH Minh Phát"},
            "lines": (),
            "totals": {"net": str(amount), "tax": "0", "total": str(amount)},
            **self._common(),
            **fields,
        }

    def order(self, amount: int = 1_250_000, **fields: Any) -> sales.OrderState:
        values = {
            "id": self.order_id,
            "number": "O-2026-000017",
            "status": "confirmed",
            "opportunity_id": self.opportunity_id,
            "ordered_on": date(2026, 11, 2),
        }
        return sales.OrderState.model_validate(self._document(amount, **values) | fields)

    def invoice(self, amount: int = 1_250_000, paid: int = 0, **fields: Any) -> sales.InvoiceState:
        values = {
            "id": self.invoice_id,
            "number": "I-2026-000009",
            "status": "issued",
            "order_id": self.order_id,
            "paid": str(paid),
            "balance": str(amount - paid),
        }
        return sales.InvoiceState.model_validate(self._document(amount, **values) | fields)

    def comes_in(self) -> Envelope:
        """A partner pushes them, and a lead is made of it."""
        submission = Submission(id=self.submission_id, channel="partner", received_at=MORNING, phone="0912345678")
        partner = f"partner:{self.partner_id}" if self.partner_id else None
        self.tellers.tell(SubmissionReceived(submission=submission), actor=partner)
        return self.tellers.tell(sales.LeadCreated(lead=self.lead(), submission_id=self.submission_id))

    def qualifies(self) -> None:
        """The lead becomes an opportunity."""
        working = self.lead(status="qualified", stage="qualified", version=2)
        self.tellers.tell(sales.LeadQualified(lead=working, opportunity_id=self.opportunity_id))
        self.tellers.tell(sales.OpportunityCreated(opportunity=self.opportunity()))

    def wins(self) -> None:
        """They buy: an account is made of them."""
        self.tellers.tell(sales.AccountCreated(account=self.account()))
        won = self.opportunity(status="won", account_id=self.account_id, closed_at=self.tellers.at, version=2)
        self.tellers.tell(sales.OpportunityWon(opportunity=won, new_customer=True))

    def orders(self) -> None:
        """An order, which the ERP takes."""
        self.tellers.tell(sales.OrderCreated(order=self.order(status="draft")))
        self.tellers.tell(sales.OrderConfirmed(order=self.order(version=2)))
        document = erp_bridge.ErpDocument(
            connection_id=new_id(), connection="Tryton", type="order", id=self.order_id, erp_number="SO42"
        )
        self.tellers.tell(erp_bridge.DocumentAccepted(document=document))

    def pays(self) -> None:
        """An invoice, and the money for it."""
        self.tellers.tell(sales.InvoiceIssued(invoice=self.invoice()))
        payment = sales.PaymentState.model_validate(
            {
                "id": self.payment_id,
                "number": "P-2026-000004",
                "status": "allocated",
                "account_id": self.account_id,
                "amount": {"amount": "1250000", "currency": "VND"},
                "paid_on": date(2026, 11, 9),
                "allocations": [{"invoice_id": self.invoice_id, "amount": "1250000"}],
                **self._common(),
            }
        )
        self.tellers.tell(sales.PaymentAllocated(payment=payment))
        self.tellers.tell(sales.InvoicePaid(invoice=self.invoice(paid=1_250_000, status="paid", version=2)))

    def goes_all_the_way(self) -> "Customer":
        """From the push to the money."""
        self.comes_in()
        self.qualifies()
        self.wins()
        self.orders()
        self.pays()
        return self


def about(envelopes: Sequence[Envelope], *nouns: str) -> list[Envelope]:
    """Those whose subject is of one of these kinds."""
    return [envelope for envelope in envelopes if envelope.subject.partition(":")[0] in nouns]
