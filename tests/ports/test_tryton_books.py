"""What a Tryton's books have besides one customer at a time and the company's own money."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from services.erp_bridge.connectors.base import Sent
from services.erp_bridge.documents.parts import document_of_invoice
from tests.erp_bridge.stage import buyer, invoice, line
from tests.ports.test_connectors import Erp, a_tryton, changed, pushed

pytestmark = pytest.mark.timeout(900)  # a cold cache fetches Tryton and makes a company


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    with a_tryton(tmp_path_factory.mktemp("tryton")) as opened:
        yield opened


def test_a_payment_is_told_in_the_currency_in_which_it_was_paid(tryton: Erp) -> None:
    tryton.extra["tryton"].client.add_currency("BRL", Decimal(4_000))
    document = document_of_invoice(invoice(line("100", rate="10"), currency="BRL"))
    pushed(tryton, document)
    tryton.pay(document.reference, Decimal("54.37"))
    found, _ = changed(tryton, None)
    (payment,) = found[document.reference].payments
    assert (payment.amount, payment.currency) == (Decimal("54.37"), "BRL")


def test_new_customers_who_come_at_once_are_all_taken(tryton: Erp) -> None:
    documents = [document_of_invoice(invoice(buyer=buyer())) for _ in range(6)]
    with ThreadPoolExecutor(len(documents)) as pool:
        outcomes = list(pool.map(tryton.connector.push_party, [each.party for each in documents]))
    assert all(isinstance(each, Sent) for each in outcomes), outcomes
