"""A quote on paper: in the reader's language, for whoever may read it, in bounded time."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.errors import Unavailable
from chassis.i18n import Catalogue
from chassis.ids import new_id
from chassis.service import Node
from chassis.settings import Company, SettingsError, load_settings
from chassis.testing import AppClient
from chassis.typesetting import Typesetter
from services.sales.printing import api
from services.sales.printing.documents import Writer, printed_quote
from services.sales.quotes.model import Quote
from services.sales.rights import to_read
from services.sales.service import SALES
from services.sales.taxes.queries import taxes_of
from tests.sales.documents_stage import day, open_sale, person
from tests.sales.stage import app_of, open_sales, somebody_works

COMPANY = Company(name="Công ty Cổ phần Đức Phát", address="18 Phạm Hùng, Hà Nội", tax_code="0100109106")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with open_sales("sqlite", tmp_path_factory.mktemp("sales"), company=COMPANY) as opened:
        yield opened


def printed(node: Node, quote_id: str, language: str) -> dict[str, Any]:
    """What stands on the paper."""
    assert SALES.messages is not None
    with somebody_works(node) as tx:
        quote = to_read(tx, Quote, quote_id)
        writer = Writer(Catalogue(SALES.messages), language, quote.currency)
        on = day("2026-12-20")
        return printed_quote(quote, company=COMPANY, seller="Trần Lan", taxes=taxes_of(tx), day=on, writer=writer)


def test_a_quote_is_a_pdf_in_the_reader_s_language(node: Node) -> None:
    with open_sale(node) as sale:
        quote = sale.sent(sale.line("15000000", name='#panic("x") $y$ <b> *z* [', discount_percent="2.5"))
        path = f"/quotes/{quote['id']}/pdf"
        asked = {
            language: sale.client.get(path, params={"language": language}, headers={"accept-language": "en"})
            for language in ("vi", "en")
        }
        by_header = sale.client.get(path, headers={"accept-language": "vi"})
        for answer in (*asked.values(), by_header):
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
            assert answer.content.startswith(b"%PDF-")
        assert asked["vi"].headers["content-disposition"] == f'inline; filename="{quote["number"]}.pdf"'
        assert b"/Lang(vi" in by_header.content
        assert b"/Lang(en" in asked["en"].content
        assert sale.client.get(path, params={"language": "fr"}).status_code == 422


def test_only_who_may_read_a_quote_prints_it(node: Node) -> None:
    with open_sale(node) as sale:
        quote = sale.quote()
        for caller, status in ((person("own"), 404), (person("none"), 403), (person("all"), 200)):
            with AppClient(app_of(node), as_=caller) as client:
                assert client.get(f"/quotes/{quote['id']}/pdf").status_code == status
        assert sale.client.get(f"/quotes/{new_id()}/pdf").status_code == 404


def test_the_paper_says_what_the_quote_says(node: Node) -> None:
    with open_sale(node) as sale:
        lines = [sale.line("333333", name=f"Dây {each}", tax_code="VAT8") for each in "abc"]
        exempt = sale.line("1000000", "1.5", name="Đào tạo", tax_code="KCT", delivery_on="2026-12-24")
        quote = sale.quote(*lines, exempt, valid_until="2027-01-10", discount_percent="0")
    said = printed(node, quote["id"], "vi")
    # Three lines at 8 % are 80,000 together, and not 80,001.
    assert [each["amount"] for each in said["sums"]] == ["2.499.999", "80.000", "0"]
    assert [each["label"] for each in said["sums"][1:]] == ["Thuế GTGT 8% (999.999)", "Thuế GTGT KCT (1.500.000)"]
    assert said["total"] == "2.579.999 VND"
    assert said["in_words"].startswith("Hai triệu năm trăm bảy mươi chín nghìn chín trăm chín mươi chín đồng")
    assert (said["valid_until"], said["draft"], said["discounts"]) == ("10/01/2027", True, False)
    assert said["lines"][3]["details"] == "giao 24/12/2026"
    assert said["lines"][3]["quantity"] == "1,5"
    assert len(said["notes"]) == 3  # the reduced tax ends before the offer does
    assert said["company"]["lines"] == ["18 Phạm Hùng, Hà Nội", "Mã số thuế: 0100109106"]
    english = printed(node, quote["id"], "en")
    assert (english["total"], english["in_words"]) == ("2,579,999 VND", "")
    assert english["words"]["quote"] == "QUOTATION"


def test_a_document_that_takes_too_long_is_given_up() -> None:
    template = Path(api.__file__).with_name("quote.typ").read_text(encoding="utf-8")

    async def hurried() -> None:
        with pytest.raises(Unavailable):
            await Typesetter().pdf(template, {}, within_s=0.001)

    asyncio.run(hurried())


def test_a_wrong_company_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELATA_COMPANY", '{"name": "Đức Phát"}')
    assert load_settings().company.name == "Đức Phát"
    monkeypatch.setenv("RELATA_COMPANY", '{"nmae": "Đức Phát"}')
    with pytest.raises(SettingsError, match="RELATA_COMPANY_NMAE"):
        load_settings()
