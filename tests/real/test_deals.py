"""The deals that were really closed go their whole way: won by their sellers, counted, invoiced, paid in a Tryton."""

import statistics
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.arena import pages
from tests.installation import Installation, eventually, installation, partner_key
from tests.real import books
from tests.real.deals import CURRENCY, Deal, best_first, closed_deals, funnel_by_origin, some_leads, won_by_seller
from tests.real.olist import Leads, leads_with_people
from tests.real.pushing import push, verdicts
from tests.real.selling import Sold, sellers_of
from tests.tryton import open_tryton

FLEET = [pytest.mark.postgres, pytest.mark.rabbitmq, pytest.mark.redis]
REPORTS = [f"/reports/funnel_by_{by}/run" for by in ("source", "campaign", "partner", "owner")]
PROJECTIONS = ("insight.know_names", "insight.keep_facts", "activities.know_names", "activities.keep_timeline")
ASKED_FOR = 50


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def money(said: Sequence[dict[str, str]]) -> Decimal:
    assert {each["currency"] for each in said} <= {CURRENCY}
    return sum((Decimal(each["amount"]) for each in said), Decimal(0))


def check_funnel(admin: httpx.Client, leads: Leads, sold: Sequence[Sold], sellers: dict[str, str]) -> None:
    """The report says what the files say, and the rows behind each number are as many and come to as much."""
    deals = [each.deal for each in sold]
    wanted = funnel_by_origin(list(leads.by_origin.elements()), deals)
    told: dict[str, Any] = {}

    def agrees() -> bool:
        told.update({line["key"] or "": line for line in get(admin, REPORTS[0])["rows"]})
        counts = {key: (line["captured"], line["qualified"], line["won"]) for key, line in told.items()}
        return counts == {key: (line.captured, line.won, line.won) for key, line in wanted.items()}

    eventually(agrees, within=180, every=0.5)
    assert {key: money(line["revenue"]) for key, line in told.items()} == {
        key: line.revenue for key, line in wanted.items()
    }
    ids = {each.opportunity_id: each for each in sold}
    for origin, line in wanted.items():
        where = {"source": origin} if origin else {"without": "source"}
        for step, count in (("captured", line.captured), ("qualified", line.won), ("won", line.won)):
            rows = list(pages(admin, "/reports/funnel_by_source/rows", step=step, **where))
            assert len({row["id"] for row in rows}) == len(rows) == count
        assert money([row["amount"] for row in rows]) == line.revenue
        assert {ids[row["id"]].deal.origin for row in rows} <= {origin}
    by_owner = {line["key"]: line for line in get(admin, REPORTS[3])["rows"]}
    assert {name: (by_owner[user]["won"], money(by_owner[user]["revenue"])) for name, user in sellers.items()} == (
        won_by_seller(deals)
    )


def told_of(admin: httpx.Client, sold: Sequence[Sold]) -> dict[str, Any]:
    """Every report, and the whole timeline of each of these customers."""
    reports = {path: get(admin, path) for path in REPORTS}
    return reports | {each.customer: list(pages(admin, "/timeline", regarding=each.customer)) for each in sold}


def settled(admin: httpx.Client, sold: Sequence[Sold]) -> dict[str, Any]:
    """The same, when nothing more arrives."""
    seen: list[dict[str, Any]] = [{}]

    def again() -> bool:
        seen.append(told_of(admin, sold))
        return seen[-1] == seen[-2]

    eventually(again, within=60, every=2.0)
    return seen[-1]


def check_rebuilt(relata: Installation, admin: httpx.Client, sold: Sequence[Sold], within: float) -> float:
    """Made anew from the feed they are what they were; answers seconds."""
    before = settled(admin, sold)
    began = time.monotonic()
    for name in PROJECTIONS:
        assert "is rebuilt" in relata.run("rebuild", name, within=within)
    took_s = time.monotonic() - began
    after = told_of(admin, sold)
    assert [path for path in before if before[path] != after[path]] == []
    return took_s


def milliseconds(client: httpx.Client, asked: Sequence[tuple[str, dict[str, Any]]]) -> str:
    """How long these take, one after the other."""
    times = []
    for path, params in asked:
        began = time.perf_counter()
        get(client, path, **params)
        times.append(1000 * (time.perf_counter() - began))
    return f"median {statistics.median(times):.0f} ms, longest {max(times):.0f} ms"


def go_all_the_way(
    kind: str, data: Path, folder: Path, *, deals: Sequence[Deal], leads: Leads, into_tryton: int, patience_s: float
) -> None:
    """Push, qualify, win, quote, order, invoice, pay; compare after each; make the projections anew."""
    with (
        open_tryton(folder) as tryton,
        installation(kind, folder, outside_allow_private="true") as relata,
        sellers_of(relata, deals) as sellers,
    ):
        admin = sellers.admin
        books.connect(admin, tryton)
        push(relata, leads, partner_key(admin), rows_at_once=2_000, wait_s=int(patience_s))
        ours = {leads.ids[row - 1]: said["lead_id"] for row, said in verdicts(leads).items()}
        sold, closing_s = sellers.close_all(deals, ours)
        check_funnel(admin, leads, sold, sellers.ids)
        traded = sold[:into_tryton]
        trading_s = sellers.trade_all(traded)
        books.booked(admin, 2 * into_tryton, within=patience_s)
        known_s = books.pay_everything(admin, tryton)
        wanted = books.wanted(traded)
        assert books.of_relata(admin) == wanted
        assert books.of_tryton(tryton, admin) == wanted
        paid = sum((each.paid for each in wanted.values()), Decimal(0))
        eventually(lambda: money(get(admin, REPORTS[0])["totals"]["paid"]) == paid, within=patience_s)
        funnel = milliseconds(admin, [(REPORTS[0], {})] * ASKED_FOR)
        timelines = milliseconds(admin, [("/timeline", {"regarding": each.customer}) for each in sold[:ASKED_FOR]])
        rebuilt_s = check_rebuilt(relata, admin, traded, patience_s)
    print(
        f"{kind}: {leads.rows} leads, {len(sold)} deals won, {len(sold) / closing_s:.1f} a second; "
        f"{into_tryton} quoted, ordered and invoiced, {into_tryton / trading_s:.1f} a second, {paid} {CURRENCY} paid, "
        f"known {known_s:.1f} s later; funnel {funnel}; timeline {timelines}; rebuilt in {rebuilt_s:.1f} s"
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_real_deals_are_won_invoiced_and_paid_to_the_cent(data: Path, tmp_path: Path) -> None:
    deals = best_first(closed_deals(data), 40)
    apart = {deal.lead for deal in deals}
    leads = leads_with_people(data, tmp_path / "leads.csv", apart=apart, only=some_leads(data, deals, 60))
    go_all_the_way("embedded", data, tmp_path, deals=deals, leads=leads, into_tryton=5, patience_s=120)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("kind", ["embedded", pytest.param("fleet", marks=FLEET)])
def test_all_real_deals_are_won_and_a_hundred_are_paid(kind: str, data: Path, tmp_path: Path) -> None:
    deals = best_first(closed_deals(data), 10_000)
    assert len(deals) == 842
    leads = leads_with_people(data, tmp_path / "leads.csv", apart={deal.lead for deal in deals})
    assert leads.rows == 8_000
    go_all_the_way(kind, data, tmp_path, deals=deals, leads=leads, into_tryton=100, patience_s=900)
