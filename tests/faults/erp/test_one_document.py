"""Couriers die between the ERP's answer and its record, answers get lost, events come often: one document each."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chassis.deliver import deliver
from chassis.http import http_app
from chassis.testing import SECRET, AppClient
from events.erp_bridge import DocumentAccepted
from services.erp_bridge.service import ERP_BRIDGE
from tests.chassis.engines import open_node
from tests.erp_bridge.stage import ADMINISTRATOR, Bridge, buyer, invoice, issued, line
from tests.faults.arena import pages
from tests.installation import ROOT, eventually
from tests.tryton import open_tryton

SEED = 20261122
# No call lasts longer in a Tryton, on a busy machine either.
TRYTON_WORKS_S = 15.0


@dataclass(frozen=True)
class Toll:
    """What really happened: references whose courier was killed, and those whose answer was lost."""

    killed: list[str]
    silent: list[str]


@contextmanager
def dying_couriers(bridge: Bridge, kills: int, lease_s: float) -> Iterator[list[str]]:
    """Couriers at work, and the lines that they leave; see ``couriers.py``."""
    command = [sys.executable, "-m", "tests.faults.erp.couriers"]
    url = bridge.node.db.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        orders = {"database_url": url, "secret": SECRET, "kills": kills, "seed": SEED, "lease_s": lease_s}
        running.stdin.write(json.dumps(orders) + "\n")
        running.stdin.flush()
        lines: list[str] = []
        try:
            yield lines
        finally:
            running.terminate()
            lines += running.stdout.read().splitlines()
            running.wait(30)


def torment(
    bridge: Bridge, *, documents: int, kills: int, within: float, lease_s: float = 1.0
) -> tuple[list[Any], Toll]:
    """Have these invoices issued, some a hundred times, and wait until all are in the ERP."""
    customers = [buyer() for _ in range(max(4, documents // 5))]
    states = [
        invoice(line(str(100_000 + 7 * n), rate="8" if n % 3 else "10"), buyer=customers[n % len(customers)])
        for n in range(documents)
    ]
    events = [issued(state) for state in states]
    repeated = [issued(state) for state in states[:3] for _ in range(100)]
    everything = events + events[: documents // 2] + repeated
    for start in range(0, len(everything), 100):
        deliver(bridge.node, everything[start : start + 100])
    with dying_couriers(bridge, kills, lease_s) as lines:
        eventually(lambda: left(bridge) == 0, within=within, every=0.5)
    said = [each.split(" ", 1) for each in lines]
    toll = Toll([ref for what, ref in said if what == "killed"], [ref for what, ref in said if what == "silent"])
    return states, toll


def left(bridge: Bridge) -> int:
    """How many documents are not in the ERP yet."""
    open_ones = {"state__in": "queued,delayed,refused", "count": "true", "limit": "1"}
    total = bridge.client.get("/erp/documents", params=open_ones).json()["total"]
    return 10_001 if total == "10000+" else int(total)


def check_announced(bridge: Bridge, states: list[Any]) -> None:
    told = Counter(each.parse(DocumentAccepted).document.id for each in bridge.announced(DocumentAccepted))
    assert told == Counter(state.id for state in states), "each is announced once"


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Bridge]:
    """Without a courier of its own."""
    settings = {"secret": SECRET, "outside_allow_private": True, "retry_scale": 0.01}
    with (
        open_node("sqlite", tmp_path, ERP_BRIDGE, **settings) as node,
        AppClient(http_app(node), as_=ADMINISTRATOR) as client,
    ):
        yield Bridge(node, client)


LEDGER = [
    pytest.param(40, 8, 200, id="short", marks=pytest.mark.timeout(300)),
    pytest.param(5_000, 200, 1_500, id="long", marks=[pytest.mark.slow, pytest.mark.timeout(1_800)]),
]


@pytest.mark.faults
@pytest.mark.parametrize(("documents", "kills", "within"), LEDGER)
def test_the_ledger_has_each_invoice_once(bridge: Bridge, documents: int, kills: int, within: float) -> None:
    began = time.monotonic()
    states, toll = torment(bridge, documents=documents, kills=kills, within=within)
    took_s = time.monotonic() - began
    assert len(toll.killed) >= kills, "the fault did not happen"
    assert toll.silent
    books = list(pages(bridge.client, "/ledger/documents", kind="invoice"))  # type: ignore[arg-type]
    counted = Counter(each["reference"] for each in books)
    wanted = {state.id: state.totals.total for state in states}
    print(f"{documents} documents, {len(toll.killed)} couriers killed, {len(toll.silent)} answers lost, {took_s:.0f} s")
    assert counted == Counter(list(wanted)), "doubled or missing"
    assert {each["reference"]: Decimal(each["total"]) for each in books} == wanted
    assert sum(each["times_pushed"] > 1 for each in books) >= 1, "the ledger never saw a reference again"
    balance = {
        each["account"]: Decimal(each["balance"]) for each in bridge.client.get("/ledger/balances").json()["items"]
    }
    assert balance["131"] == sum(wanted.values())
    assert sum(balance.values()) == 0
    check_announced(bridge, states)


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_tryton_has_each_invoice_once(bridge: Bridge, tmp_path: Path) -> None:
    with open_tryton(tmp_path) as tryton:
        body = {"kind": "tryton", "name": "Tryton", "rate": "100", "settings": tryton.settings}
        assert bridge.client.post("/erp/connections", json=body).status_code == 201
        states, toll = torment(bridge, documents=100, kills=20, within=900, lease_s=TRYTON_WORKS_S)
        assert len(toll.killed) >= 20, "the fault did not happen"
        fields = "reference", "state", "total_amount"
        books = tryton.client.find("account.invoice", [["reference", "!=", None]], *fields)
        wanted = {state.id: state.totals.total for state in states}
        assert Counter(each["reference"] for each in books) == Counter(list(wanted)), "doubled or missing"
        assert {each["reference"]: each["total_amount"] for each in books} == wanted
        assert {each["state"] for each in books} == {"posted"}
        check_announced(bridge, states)
