"""What every connector keeps to: the built-in ledger, and Tryton as it comes from the package index."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chassis.context import Context
from chassis.ids import new_id
from chassis.service import Node
from services.erp_bridge.connections.kinds import CONNECTORS, Reached, open_connector
from services.erp_bridge.connectors.base import (
    CannotRead,
    Connector,
    Document,
    Kind,
    Refused,
    Retry,
    Sent,
    Unknown,
)
from services.erp_bridge.documents.parts import document_of_invoice, document_of_order
from services.erp_bridge.ledger.actions import book_payment, reverse_payment
from services.erp_bridge.ledger.model import LedgerDocument
from services.erp_bridge.service import ERP_BRIDGE
from tests.chassis.engines import open_node
from tests.erp_bridge.stage import buyer, invoice, line, order
from tests.tryton import open_tryton
from tests.tryton.proxy import Bad, Proxy, open_proxy

pytestmark = pytest.mark.timeout(900)  # a cold cache fetches Tryton and makes a company


@dataclass
class Erp:
    """A connector, and what its ERP's own people see and do: ``there`` are the totals of documents with a reference."""

    opened: Callable[[], Connector]
    there: Callable[[Kind, str], list[Decimal]]
    pay: Callable[[str, Decimal], str]
    unpay: Callable[[str, str], None]
    proxy: Proxy | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def connector(self) -> Connector:
        """Made anew for each call, as the courier does it."""
        return self.opened()


@contextmanager
def the_ledger(folder: Path) -> Iterator[Erp]:
    with open_node("sqlite", folder, ERP_BRIDGE) as node:

        def there(kind: Kind, reference: str) -> list[Decimal]:
            with node.read() as tx:
                found = tx.query(LedgerDocument).filter_by(kind=kind, reference=reference)
                return [each.total for each in found]

        def pay(reference: str, amount: Decimal) -> str:
            with node.begin(Context.fresh("test")) as tx:
                facts: Any = {"paid_on": date(2026, 11, 21), "method": "bank_transfer", "reference": "UNC 0912"}
                return book_payment(tx, invoice_id=reference, amount=amount, **facts).id

        def unpay(_reference: str, payment: str) -> None:
            with node.begin(Context.fresh("test")) as tx:
                reverse_payment(tx, payment)

        yield Erp(lambda: _connector(node, "ledger", {}), there, pay, unpay)


@contextmanager
def a_tryton(folder: Path) -> Iterator[Erp]:
    settings = {"outside_allow_private": True}
    with (
        open_tryton(folder) as tryton,
        open_proxy(tryton.url) as proxy,
        open_node("sqlite", folder, ERP_BRIDGE, **settings) as node,
    ):
        client = tryton.client

        def there(kind: Kind, reference: str) -> list[Decimal]:
            if kind == "order":
                return [each["untaxed_amount"] for each in client.sales(reference)]
            return [each["total_amount"] for each in client.invoices(reference)]

        def pay(reference: str, amount: Decimal) -> str:
            (found,) = client.invoices(reference)
            client.pay(found["id"], amount)
            (now,) = client.invoices(reference)
            (added,) = set(now["payment_lines"]) - set(found["payment_lines"])
            return str(added)

        def unpay(reference: str, payment: str) -> None:
            (found,) = client.invoices(reference)
            client.call("model.account.invoice.write", [found["id"]], {"payment_lines": [["remove", [int(payment)]]]})

        def opened() -> Connector:
            return _connector(node, "tryton", {**tryton.settings, "url": proxy.url})

        yield Erp(opened, there, pay, unpay, proxy, {"tryton": tryton, "node": node})


def _connector(node: Node, kind: str, settings: Mapping[str, Any]) -> Connector:
    return open_connector(node, Reached(new_id(), kind, CONNECTORS[kind].Settings.model_validate(settings)))


KINDS = {"ledger": the_ledger, "tryton": a_tryton}


@pytest.fixture(scope="module", params=KINDS)
def erp(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    with KINDS[request.param](tmp_path_factory.mktemp(request.param)) as opened:
        yield opened


@pytest.fixture
def tryton(request: pytest.FixtureRequest, erp: Erp) -> Erp:
    if erp.proxy is None:
        pytest.skip("of Tryton alone")
    erp.proxy.spoil = lambda method: None
    return erp


def test_every_registered_connector_is_tried_here() -> None:
    assert set(KINDS) == set(CONNECTORS)


def pushed(erp: Erp, document: Document) -> Sent:
    """Push it; a busy machine may need a second try, which is what the contract is about."""
    for _ in range(3):
        outcome = erp.connector.push(document)
        if not isinstance(outcome, Unknown | Retry):
            break
    assert isinstance(outcome, Sent), outcome
    return outcome


def unanswered(erp: Erp, document: Document) -> bool:
    """Whether a push ends in an unknown outcome; on a busy machine not the first one may get as far."""
    for _ in range(3):
        outcome = erp.connector.push(document)
        if not isinstance(outcome, Retry):
            break
    return isinstance(outcome, Unknown)


def papers() -> list[Document]:
    """An order and an invoice for it."""
    customer = buyer()
    ordered = order(line("2500000", quantity="5", price="500000"), buyer=customer)
    return [document_of_order(ordered), document_of_invoice(invoice(*ordered.lines, buyer=customer))]


def test_it_says_whom_it_reached(erp: Erp) -> None:
    assert str(erp.connector.test())


def test_a_document_pushed_twice_is_there_once(erp: Erp) -> None:
    for document in papers():
        first, second = pushed(erp, document), pushed(erp, document)
        assert (first.erp_id, first.number) == (second.erp_id, second.number)
        assert first.party_id is not None
        assert len(erp.there(document.kind, document.reference)) == 1


def test_what_was_pushed_is_found_by_our_reference_and_nothing_else(erp: Erp) -> None:
    for document in papers():
        assert erp.connector.look_up(document.kind, document.reference) is None
        sent = pushed(erp, document)
        found = erp.connector.look_up(document.kind, document.reference)
        assert found is not None
        assert found.erp_id == sent.erp_id


HARD = {
    "a tax that comes to half a coin": [line("125", rate="10")],
    "two rates": [line("1000005", rate="10"), line("33333", rate="8")],
    "a price that no four places give": [line("1000000", rate="8", quantity="3", price="333333.3333")],
    "many lines of a group, each with a remainder": [line("333", rate="10", quantity="7", price="47.5714")] * 9,
    "a discount to an odd coin": [line("94999", rate="10", quantity="2", price="50000")],
    "no tax": [line("70000", rate="0")],
    "nothing to pay": [line("0", rate="10", price="500000"), line("0", rate="8", quantity="3", price="0")],
}


@pytest.mark.parametrize("lines", HARD.values(), ids=HARD)
def test_amounts_are_equal_to_the_coin(erp: Erp, lines: list[Any]) -> None:
    document = document_of_invoice(invoice(*lines))
    pushed(erp, document)
    assert erp.there("invoice", document.reference) == [document.total]


def changed(erp: Erp, cursor: str | None) -> tuple[dict[str, Any], str]:
    """Everything that changed since, by our reference, and where to go on."""
    found: dict[str, Any] = {}
    while True:
        changes = erp.connector.changes(cursor)
        found |= {each.reference: each for each in changes.documents}
        cursor = changes.cursor
        if not changes.more:
            return found, cursor


def test_payments_are_read_back_each_time_with_all_there_are(erp: Erp) -> None:
    document = document_of_invoice(invoice())
    pushed(erp, document)
    _, cursor = changed(erp, None)
    first = erp.pay(document.reference, Decimal(400000))
    found, cursor = changed(erp, cursor)
    (payment,) = found[document.reference].payments
    assert (payment.erp_id, payment.amount, payment.paid_on) == (first, Decimal(400000), date(2026, 11, 21))
    assert changed(erp, cursor)[0] == {}, "told twice"
    second = erp.pay(document.reference, Decimal(700000))
    found, cursor = changed(erp, cursor)
    assert {each.erp_id for each in found[document.reference].payments} == {first, second}
    assert found[document.reference].state == "paid"


def test_an_invoice_of_nothing_is_paid_there_without_a_payment(erp: Erp) -> None:
    document = document_of_invoice(invoice(line("0", rate="10", price="0")))
    _, cursor = changed(erp, None)
    pushed(erp, document)
    again = pushed(erp, document)
    assert again.state == "paid"
    found, _ = changed(erp, cursor)
    assert [each.payments for each in found.values()] in ([], [()])


def test_a_payment_that_is_taken_back_is_missing_afterwards(erp: Erp) -> None:
    document = document_of_invoice(invoice())
    pushed(erp, document)
    payment = erp.pay(document.reference, Decimal(100000))
    found, cursor = changed(erp, None)
    assert [each.erp_id for each in found[document.reference].payments] == [payment]
    erp.unpay(document.reference, payment)
    found, _ = changed(erp, cursor)
    assert found[document.reference].payments == ()


BEFORE = {
    "429 with a time": (Bad(429, b"", (("retry-after", "7"),)), Retry),
    "503 in HTML": (Bad(503, b"<html>gone for lunch</html>"), Retry),
    "a server that hangs up": (Bad(0), Unknown),
    "HTML with status 200": (Bad(200, b"<html><h1>Welcome to nginx!</h1></html>"), Unknown),
    "JSON of another kind": (Bad(200, b'{"jsonrpc": "2.0"}'), Unknown),
    "no JSON object": (Bad(200, b"[]"), Unknown),
    "500": (Bad(500, b""), Unknown),
    "an error in words": (Bad(200, b'{"id": 1, "error": ["UserError", ["The period is closed.", ""]]}'), Refused),
    "somebody was faster": (Bad(200, b'{"id": 1, "error": ["ConcurrencyException", ""]}'), Retry),
}


@pytest.mark.parametrize(("bad", "kind"), BEFORE.values(), ids=BEFORE)
def test_a_bad_answer_is_taken_for_what_it_is_and_the_next_try_makes_one(
    tryton: Erp, bad: Bad, kind: type[Any]
) -> None:
    assert tryton.proxy is not None
    document = document_of_invoice(invoice())
    tryton.proxy.once("account.invoice.create", bad)
    outcome = tryton.connector.push(document)
    assert isinstance(outcome, kind), outcome
    if isinstance(outcome, Retry) and bad.status == 429:
        assert outcome.after == 7
    if isinstance(outcome, Refused):
        assert str(outcome.reason) == "Tryton refuses it: The period is closed."
    assert tryton.there("invoice", document.reference) == []
    pushed(tryton, document)
    assert tryton.there("invoice", document.reference) == [document.total]


STEPS = ("party.party.create", "account.invoice.create", "account.invoice.tax.write", "account.invoice.post")


@pytest.mark.parametrize("step", STEPS)
def test_an_answer_lost_after_the_work_was_done_makes_nothing_twice(tryton: Erp, step: str) -> None:
    assert tryton.proxy is not None
    document = document_of_invoice(invoice(line("125", rate="10")))
    tryton.proxy.once(step, Bad(0, after=True))
    assert unanswered(tryton, document)
    assert tryton.proxy.spoiled[-1].endswith(step)
    found = tryton.connector.look_up("invoice", document.reference)
    assert (found is not None) == (step == STEPS[-1]), "only what is there whole counts as there"
    pushed(tryton, document)
    assert tryton.there("invoice", document.reference) == [document.total]
    parties = tryton.extra["tryton"].client.find(
        "party.party", [["identifiers.code", "=", document.party.reference]], "name"
    )
    assert len(parties) == 1


@pytest.mark.parametrize("step", ["sale.sale.create", "sale.sale.quote", "sale.sale.confirm"])
def test_an_order_that_was_left_half_way_is_finished(tryton: Erp, step: str) -> None:
    assert tryton.proxy is not None
    document = document_of_order(order())
    tryton.proxy.once(step, Bad(0, after=True))
    assert unanswered(tryton, document)
    assert pushed(tryton, document).state == "processing"
    (sale,) = tryton.extra["tryton"].client.sales(document.reference)
    assert sale["invoices"] == [], "Tryton makes no invoice of its own"


@pytest.mark.parametrize("step", ["sale.sale.quote", "sale.sale.confirm", "account.invoice.post"])
def test_a_step_that_was_made_since_we_looked_is_no_refusal(tryton: Erp, step: str) -> None:
    assert tryton.proxy is not None
    client = tryton.extra["tryton"].client
    document = document_of_invoice(invoice()) if step.startswith("account") else document_of_order(order())
    faster: list[str] = []

    def spoil(method: str) -> Bad | None:
        if method.endswith(step) and not faster:  # what a courier that died had asked for is done just now
            faster.append(method)
            model = step.rpartition(".")[0]
            (found,) = client.find(model, [["reference", "=", document.reference]], "state")
            client.call(method, [found["id"]])
        return None

    tryton.proxy.spoil = spoil
    pushed(tryton, document)
    assert faster
    assert len(tryton.there(document.kind, document.reference)) == 1


@pytest.mark.parametrize("step", ["sale.sale.quote", "sale.sale.confirm", "account.invoice.post"])
def test_what_is_only_half_way_there_has_not_changed_yet(tryton: Erp, step: str) -> None:
    assert tryton.proxy is not None
    document = document_of_order(order()) if step.startswith("sale") else document_of_invoice(invoice())
    tryton.proxy.once(step, Bad(503))
    assert isinstance(tryton.connector.push(document), Retry)
    found, cursor = changed(tryton, None)
    assert document.reference not in found
    sent = pushed(tryton, document)
    found, _ = changed(tryton, cursor)
    assert found[document.reference].state == sent.state


def test_a_session_that_has_ended_is_begun_again(tryton: Erp) -> None:
    assert tryton.proxy is not None
    tryton.connector.test()
    tryton.proxy.once("party.party.search_read", Bad(401))
    pushed(tryton, document_of_invoice(invoice()))
    assert tryton.proxy.passed.count("common.db.login") >= 1


def test_a_wrong_password_waits_for_somebody_to_mend_it(tryton: Erp) -> None:
    settings = {**tryton.extra["tryton"].settings, "password": "không phải"}
    connector = _connector(tryton.extra["node"], "tryton", settings)
    assert isinstance(connector.push(document_of_invoice(invoice())), Retry)
    with pytest.raises(CannotRead, match="user and password"):
        connector.test()


def test_a_tax_that_tryton_does_not_know_is_refused_in_words(tryton: Erp) -> None:
    outcome = tryton.connector.push(document_of_invoice(invoice(line("1000", rate="7"))))
    assert isinstance(outcome, Refused)
    assert str(outcome.reason).startswith("Tryton has no tax for VAT7 (7 %).")


def test_a_day_without_a_fiscal_year_is_refused_in_tryton_s_own_words(tryton: Erp) -> None:
    outcome = tryton.connector.push(document_of_invoice(invoice(issued_on=date(2019, 1, 2))))
    assert isinstance(outcome, Refused)
    assert "2019" in str(outcome.reason)


def test_a_customer_s_new_name_reaches_tryton(tryton: Erp) -> None:
    customer = buyer(name="Cửa hàng Ánh Dương")
    pushed(tryton, document_of_invoice(invoice(buyer=customer)))
    renamed = customer.model_copy(update={"name": "Công ty TNHH Ánh Dương"})
    pushed(tryton, document_of_invoice(invoice(buyer=renamed)))
    client = tryton.extra["tryton"].client
    found = client.find("party.party", [["identifiers.code", "=", customer.reference]], "name")
    assert [each["name"] for each in found] == ["Công ty TNHH Ánh Dương"]
