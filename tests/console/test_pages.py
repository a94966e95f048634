"""Every page there is: it opens, in both languages, is small and quick, and runs nothing that somebody typed."""

import re
import time
from pathlib import Path

import pytest

import gateway.console
from chassis.i18n import Catalogue
from gateway.console.pages import ROUTES
from gateway.console.routes import Entry, Get, Post
from tests.console.company import Records, open_for_business
from tests.console.stage import Browser, Office, phrases, said
from tests.gateway.stage import ADMIN_EMAIL

HERE = Path(gateway.console.__file__).parent
# What is the same in both languages besides what people typed.
SAME = {
    "Relata", "English", "Tiếng Việt", "Administrator", ADMIN_EMAIL, "Asia/Ho_Chi_Minh", "SMS", "Fax", "E-mail", "ERP",
    "PDF", "· Administrator",
}  # fmt: skip
# Names are Vietnamese here, and English has no accents; what a test typed in malice says alert.
DATA = re.compile(r"[^\x00-\x7f–·…₫]|alert\(|[A-Z]{1,4}-\d{4}-\d+|Zalo|MNK-22|PL-5T|VAT\d")
FORBIDDEN = r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|\|\s*safe"
LONGEST = 300_000
WITHIN_S = 0.1

# Public, or no page.
OTHERS = {"/sign-in", "/quotes/{quote_id:uuid}/pdf"}
PAGES = {
    "/": "", "/me": "", "/my-day": "", "/leads": "", "/leads/new": "", "/pipeline": "", "/deals": "", "/deals/new": "",
    "/customers": "", "/contacts": "", "/accounts/new": "", "/contacts/new": "", "/quotes": "", "/quotes/line": "",
    "/orders": "", "/invoices": "", "/debts": "", "/reports": "", "/activities/new": "",
    "/leads/{lead_id:uuid}": "lead", "/leads/{lead_id:uuid}/edit": "lead",
    "/deals/{deal_id:uuid}": "deal", "/deals/{deal_id:uuid}/edit": "deal",
    "/accounts/{record_id:uuid}": "account", "/accounts/{record_id:uuid}/edit": "account",
    "/contacts/{record_id:uuid}": "contact", "/contacts/{record_id:uuid}/edit": "contact",
    "/quotes/new": "", "/quotes/{quote_id:uuid}": "quote", "/quotes/{quote_id:uuid}/edit": "quote",
    "/orders/{order_id:uuid}": "order", "/invoices/{invoice_id:uuid}": "invoice",
    "/handovers": "", "/handovers/new": "", "/handovers/{handover_id:uuid}": "handover",
    "/handovers/{handover_id:uuid}/briefs": "handover",
    "/cases": "", "/cases/new": "", "/cases/customers": "", "/cases/{case_id:uuid}": "case",
    "/cases/{case_id:uuid}/edit": "case", "/cases/{case_id:uuid}/knowledge": "case",
    "/articles": "", "/articles/new": "", "/articles/{article_id:uuid}": "article",
    "/articles/{article_id:uuid}/edit": "article",
    "/past/{kind}/{record_id:uuid}": "deal", "/reports/{report}": "", "/reports/{report}/rows": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def records(office: Office) -> Records:
    return open_for_business(office)


@pytest.fixture(scope="module")
def reader(office: Office) -> Browser:
    return office.browser("vi").sign_in()


def path_of(route: str, records: Records) -> str:
    path = (
        route.replace("{kind}", "opportunity")
        .replace("{report}/rows", "funnel_by_source/rows?step=captured")
        .replace("{report}", "funnel_by_source")
    )
    return re.sub(r"\{\w+:uuid\}", records[PAGES[route]] if PAGES[route] else "", path)


def is_flow(entry: Entry) -> bool:
    """It has tests of its own."""
    return entry.path.startswith("/flow")


def shown_pages() -> list[str]:
    return [
        entry.path for entry in ROUTES if isinstance(entry, Get) and entry.path not in OTHERS and not is_flow(entry)
    ]


@pytest.mark.parametrize("route", shown_pages())
def test_a_page_is_whole_in_both_languages(route: str, records: Records, reader: Browser):
    path = path_of(route, records)
    reader.send("/language", language="vi") if not reader.csrf else None
    pages = {}
    for language in ("en", "vi"):
        reader.cookies.set("relata_language", language, path="/app")
        began = time.perf_counter()
        pages[language] = reader.open(path)
        seconds = time.perf_counter() - began
    assert f'lang="{"vi"}"' in pages["vi"] or "<html" not in pages["vi"]
    english = {each for each in phrases(pages["en"]) if re.search("[A-Za-zÀ-ỹ]{2}", each)}
    left = {each for each in english & set(phrases(pages["vi"])) if each not in SAME and not DATA.search(each)}
    assert not left, "said in English on a Vietnamese page"
    assert len(pages["vi"].encode()) < LONGEST
    assert seconds < WITHIN_S * 10, "ten times what it may take on a machine that has nothing else to do"


def test_what_templates_say_is_in_the_catalogue():
    catalogue = Catalogue(HERE.parent / "messages", HERE / "messages", HERE / "cases" / "messages")
    for template in HERE.rglob("*.html"):
        if "flow" in template.parts:
            continue
        for _, text in re.findall(r"""say\((["'])(.*?)\1[,)]""", template.read_text()):
            assert catalogue.text(text, "vi") != text or text in SAME, f"{template.name}: {text}"


def test_templates_hold_no_words_of_their_own():
    for template in HERE.rglob("*.html"):
        source = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template.read_text(), flags=re.DOTALL)
        loose = set(re.findall(r"[A-Za-zÀ-ỹ]{2,}", said(source))) - {"Relata", "ERP", "PDF"}
        assert not loose, f"{template.name}: {loose}"


def test_no_page_brings_scripts_or_styles_of_its_own():
    for template in HERE.rglob("*.html"):
        source = template.read_text()
        assert not re.search(FORBIDDEN, source), template.name
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', source), template


def test_every_form_that_changes_something_is_sealed():
    for template in HERE.rglob("*.html"):
        for form in re.findall(r"<form\b.*?</form>", template.read_text(), flags=re.DOTALL):
            if 'method="post"' in form:
                assert "sealed(" in form, f"{template.name}: {form[:120]}"


@pytest.mark.parametrize(
    "query", ["q=%00%FF%ED%A0%80", "cursor=x&owner=x&status=x&sort=x", "pipeline=x&from=x&to=9999-99-99"]
)
def test_nonsense_behind_the_question_mark_breaks_no_page(query: str, records: Records, reader: Browser):
    for route in shown_pages():
        if route not in PAGES and route.startswith("/flow"):
            continue  # has tests of its own
        path = path_of(route, records)
        answer = reader.ask("GET", path + ("&" if "?" in path else "?") + query)
        assert answer.status_code < 500, (path, query)


def test_nonsense_in_a_form_breaks_nothing(records: Records, reader: Browser):
    reader.open("/leads")
    names = ("version", "owner_id", "stage", "due_at", "regarding", "line_product_id", "paid_on", "account_id")
    nonsense = {"csrf": reader.csrf, "key": "ö" * 300, "amount": "x,.", "lead": "../x", "name": "x" * 9000}
    nonsense |= dict.fromkeys(names, "../x") | {"line_quantity": "-"}
    for entry in ROUTES:
        if isinstance(entry, Post) and entry.path not in ("/sign-out", "/sign-in") and not is_flow(entry):
            path = re.sub(r"\{\w+:uuid\}", "01990000-0000-7000-8000-0000000000ff", entry.path)
            answer = reader.ask("POST", path, data=nonsense)
            assert answer.status_code < 500, (path, said(answer.text)[:300])
            assert answer.status_code >= 400 or entry.path in ("/language", "/flow/tour"), path
