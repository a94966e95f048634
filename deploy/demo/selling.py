"""The sales department's acts: each is what its route would do, asked for by whoever does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from chassis.context import Context
from chassis.money import Money
from chassis.records import Record
from deploy.demo import company, words
from deploy.demo.acts import Act, id_of
from deploy.people import Company, Person
from services.sales.accounts.actions import create_account
from services.sales.accounts.model import Account
from services.sales.confirmation.actions import confirm_order
from services.sales.contacts.actions import create_contact
from services.sales.customers.model import Origin
from services.sales.customers.queries import buyer_of
from services.sales.days import today
from services.sales.invoices.actions import draft_invoice, issue_invoice
from services.sales.invoices.model import Invoice
from services.sales.leads.actions import contact_lead, disqualify_lead
from services.sales.leads.model import Lead
from services.sales.lines.pricing import Wanted
from services.sales.opportunities.actions import (
    advance_opportunity,
    create_opportunity,
    lose_opportunity,
    win_opportunity,
)
from services.sales.opportunities.model import Opportunity
from services.sales.orders.actions import release_order
from services.sales.orders.model import Order
from services.sales.payments.actions import receive_payment
from services.sales.people.queries import find_owner
from services.sales.points.model import read_emails, read_phones
from services.sales.products.actions import create_product
from services.sales.qualifying.actions import qualify_lead
from services.sales.quotes.actions import accept_quote, create_quote, reject_quote, send_quote
from services.sales.quotes.model import Quote, QuoteStatus
from services.sales.shipments.actions import deliver, plan_shipment, ship
from services.sales.shipments.model import Shipment

R = TypeVar("R", bound=Record)


@dataclass
class Selling:
    """One transaction of sales. ``users`` are ids by e-mail address, ``leads`` ids by the story's key."""

    tx: Session
    users: Mapping[str, str]
    leads: Mapping[str, str]

    def __post_init__(self) -> None:
        self._held: dict[tuple[type[Any], str], Any] = {}

    def do(self, act: Act) -> None:
        """Do it, as whoever does such a thing."""
        verbs: Mapping[str, Callable[[Act], None]] = {
            "contact": self.contact,
            "disqualify": self.disqualify,
            "qualify": self.qualify,
            "open_deal": self.open_deal,
            "advance": self.advance,
            "quote": self.quote,
            "win": self.win,
            "lose": self.lose,
            "confirm": self.confirm,
            "release": self.release,
            "ship": self.ship,
            "deliver": self.deliver,
            "invoice": self.invoice,
            "pay": self.pay,
        }
        verbs[act.verb](act)

    def by(self, user_id: str | None) -> None:
        """From here on it is this person who asks."""
        self.tx.info["context"] = Context.fresh(f"user:{user_id}")

    # --- what was there before -----------------------------------------------------------------------------------

    def list_products(self) -> None:
        """What is sold."""
        self.by(self.users[company.MANAGER.email])
        for product in company.PRODUCTS:
            names = ("code", "name", "family", "unit", "tax_code", "supplier", "warranty_months")
            facts = {name: getattr(product, name) for name in names}
            facts |= {"price": Decimal(product.price), "currency": "VND", "custom": {}}
            create_product(self.tx, facts=facts, product_id=id_of("product", product.code))

    def enter_regulars(self, regulars: list[dict[str, Any]]) -> None:
        """The customers who have bought before there was a CRM."""
        for each in regulars:
            owner_id = self.users[company.SELLERS[each["seller"]].email]
            self.by(owner_id)
            self._enter(each["id"], each["company"], each["person"], owner_id)

    def _enter(self, account_id: str, of: Company, person: Person | None, owner_id: str) -> None:
        owner = find_owner(self.tx, owner_id)
        account = create_account(
            self.tx,
            facts={
                "id": account_id,
                "kind": "company",
                "name": of.name,
                "tax_code": of.tax_code,
                "industry": of.industry,
                "lifecycle": "customer",
                "source": words.REGULAR,
            },
            owner=owner,
            phones=[(point, False) for point in read_phones(of.phone)],
            emails=[(point, False) for point in read_emails(of.email)],
            addresses=[{"line": None, "ward": None, "province": of.province}],
        )
        if person is None:
            return
        create_contact(
            self.tx,
            facts={
                "full_name": person.full_name,
                "salutation": person.salutation,
                "title": person.job_title,
                "account_id": account.id,
                "lifecycle": "customer",
                "source": words.REGULAR,
            },
            owner=owner,
            phones=[(point, False) for point in read_phones(person.phone)],
            emails=[(point, False) for point in read_emails(person.email)],
        )

    # --- leads and opportunities ---------------------------------------------------------------------------------

    def contact(self, act: Act) -> None:
        contact_lead(self.tx, self._lead(act))

    def disqualify(self, act: Act) -> None:
        disqualify_lead(self.tx, self._lead(act), reason=act.facts["reason"])

    def qualify(self, act: Act) -> None:
        qualify_lead(
            self.tx,
            self._lead(act),
            facts={"id": id_of("opportunity", act.key), "name": act.facts["name"], "close_date": act.facts["close_on"]},
            amount=_dong(act.facts["amount"]),
            create_customer=act.facts["known"],
            tax_code=act.facts["tax_code"],
        )

    def open_deal(self, act: Act) -> None:
        account = self._find(Account, act.facts["account"], "account")
        self.by(account.owner_id)
        create_opportunity(
            self.tx,
            facts={"id": id_of("opportunity", act.key), "name": act.facts["name"], "close_date": act.facts["close_on"]},
            amount=_dong(act.facts["amount"]),
            customer=account,
            origin=Origin(source=words.REGULAR, owner_id=account.owner_id, team_id=account.team_id),
        )

    def advance(self, act: Act) -> None:
        advance_opportunity(self.tx, self._deal(act), stage=act.facts["stage"])

    def win(self, act: Act) -> None:
        deal = self._deal(act)
        quote = self._get(Quote, id_of("quote", act.key))
        if quote is not None:
            accept_quote(self.tx, quote, day=today())
        win_opportunity(self.tx, deal)

    def lose(self, act: Act) -> None:
        deal = self._deal(act)
        quote = self._get(Quote, id_of("quote", act.key))
        if quote is not None and quote.status == QuoteStatus.SENT:
            reject_quote(self.tx, quote, reason=words.REJECTED[len(act.facts["reason"]) % len(words.REJECTED)])
        lose_opportunity(self.tx, deal, reason=act.facts["reason"])

    # --- documents -----------------------------------------------------------------------------------------------

    def quote(self, act: Act) -> None:
        deal = self._deal(act)
        quote = create_quote(
            self.tx,
            buyer=buyer_of(self.tx, account_id=deal.account_id, contact_id=deal.contact_id),
            wanted=[
                Wanted(product_id=id_of("product", company.PRODUCTS[place].code), quantity=Decimal(quantity))
                for place, quantity in act.facts["lines"]
            ],
            owner_id=deal.owner_id,
            day=today(),
            facts={"currency": "VND", "discount_percent": Decimal(0), "valid_until": today() + timedelta(days=60)},
            opportunity_id=deal.id,
            quote_id=id_of("quote", act.key),
        )
        send_quote(self.tx, quote, day=today())

    def confirm(self, act: Act) -> None:
        confirm_order(self.tx, self._order(act), day=today())

    def release(self, act: Act) -> None:
        order = self._order(act)
        self.by(self.users[company.DIRECTOR.email])
        release_order(self.tx, order)

    def ship(self, act: Act) -> None:
        shipment_id = id_of("shipment", act.key)
        ship(self.tx, plan_shipment(self.tx, self._order(act), wanted=None, day=today(), shipment_id=shipment_id))

    def deliver(self, act: Act) -> None:
        order = self._order(act)
        deliver(self.tx, self._find(Shipment, act.key, "shipment"), received_by=order.buyer_name)

    def invoice(self, act: Act) -> None:
        order = self._order(act)
        self.by(self.users[company.ACCOUNTANT.email])
        due_on = today() + timedelta(days=act.facts["days"])
        invoice_id = id_of("invoice", act.key)
        drafted = draft_invoice(self.tx, order, wanted=None, due_on=due_on, day=today(), invoice_id=invoice_id)
        issue_invoice(self.tx, drafted, day=today())

    def pay(self, act: Act) -> None:
        invoice = self._find(Invoice, act.key, "invoice")
        self.by(self.users[company.ACCOUNTANT.email])
        amount = (invoice.balance * act.facts["share"] / 100).quantize(Decimal(1))
        paid: dict[str, Any] = {"account_id": invoice.account_id, "contact_id": invoice.contact_id}
        paid |= {"amount": amount, "currency": "VND", "paid_on": today(), "method": act.facts["method"]}
        receive_payment(
            self.tx,
            facts=paid | {"reference": invoice.number, "custom": {}},
            owner=(invoice.owner_id, invoice.team_id),
            day=today(),
            wanted={invoice.id: amount},
            payment_id=id_of(f"payment {act.facts['part']}", act.key),
        )

    # --- finding -------------------------------------------------------------------------------------------------

    def _lead(self, act: Act) -> Lead:
        lead = self._known(Lead, self.leads[act.key])
        self.by(lead.owner_id)
        return lead

    def _deal(self, act: Act) -> Opportunity:
        deal = self._find(Opportunity, act.key, "opportunity")
        self.by(deal.owner_id)
        return deal

    def _order(self, act: Act) -> Order:
        quote = self._find(Quote, act.key, "quote")
        order = self._known(Order, quote.order_id or "")
        self.by(order.owner_id)
        return order

    def _find(self, model: type[R], key: str, kind: str) -> R:
        return self._known(model, id_of(kind, key))

    def _known(self, model: type[R], record_id: str) -> R:
        found = self._get(model, record_id)
        assert found is not None, f"no {model.__noun__} {record_id}"
        return found

    def _get(self, model: type[R], record_id: str) -> R | None:
        # Held on to: the session forgets what nobody holds, and would read it again for each act.
        known: R | None = self._held.get((model, record_id)) or self.tx.get(model, record_id)
        if known is not None:
            self._held[model, record_id] = known
        return known


def _dong(amount: int) -> Money:
    return Money(amount=Decimal(amount))
