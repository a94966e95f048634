"""A first start loads the demo company and says how to get in; a second one changes nothing."""

import json
import os
import shlex
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.phones import normalise_phone
from chassis.settings import Settings
from deploy.demo import company
from deploy.demo.acts import WEEK, WEEKS, Act
from deploy.demo.leads import LEADS, REPEATED_EVERY, arrivals
from deploy.demo.plot import REGULARS, plot
from deploy.installation import all_services, migrate_all, open_nodes, with_secret
from deploy.seed import seed_demo
from gateway.identity.first_start import ensure_administrator
from tests.installation import ROOT, Installation, eventually, installation


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Started as `make run` does it, after a loading of the demo company that was killed twice."""
    with installation("embedded", tmp_path_factory.mktemp("first")) as relata:
        relata.stop()
        for table in ("people", "opportunities"):
            kill_seeding(relata, lambda table=table: count(relata, "sales", table) > 0)  # type: ignore[misc]
        assert kept(relata)["done"] is False
        relata.environment["RELATA_DEMO"] = "1"
        relata.start()
        eventually(lambda: "Push a lead" in printed(relata), within=60)
        yield relata


def kill_seeding(relata: Installation, reached: Callable[[], bool]) -> None:
    """Load the demo company until then."""
    process = subprocess.Popen(seeding(), cwd=ROOT, env=relata.environment, stderr=subprocess.DEVNULL)
    while not reached() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def seeding() -> list[str]:
    return [sys.executable, "-m", "deploy.cli", "seed"]


def rows(relata: Installation, service: str, query: str) -> list[Any]:
    """What a service's database holds."""
    with closing(sqlite3.connect(relata.folder / "var" / f"{service}.db", timeout=30)) as database:
        return database.execute(query).fetchall()


def count(relata: Installation, service: str, table: str, where: str = "1") -> int:
    ((number,),) = rows(relata, service, f"SELECT count(*) FROM {table} WHERE {where}")
    return int(number)


@pytest.fixture(scope="module")
def acts(started: Installation) -> list[Act]:
    """What was to be told."""
    return plot(datetime.fromisoformat(kept(started)["told_at"]))


def printed(relata: Installation) -> str:
    return relata.log.read_text()


def kept(relata: Installation) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((relata.folder / "var" / "demo.json").read_text())
    return content


def test_the_demo_company_is_the_same_everywhere() -> None:
    until = datetime(2026, 11, 20, 3, tzinfo=UTC)
    once, again = (list(arrivals(until - WEEKS * WEEK, until)) for _ in range(2))
    assert once == again
    assert len({arrival.key for arrival in once}) == LEADS
    assert [act.at for act in plot(until)] == sorted(act.at for act in plot(until))


@pytest.mark.parametrize("until", [datetime(2026, 11, 22, 1, tzinfo=UTC), datetime(2027, 2, 28, 17, 30, tzinfo=UTC)])
def test_its_past_ends_at_the_present_on_whatever_day(until: datetime) -> None:
    told = plot(until)
    assert until - WEEKS * WEEK <= told[0].at
    assert told[-1].at < until
    verbs = Counter(act.verb for act in told)
    assert verbs["push"] == LEADS
    assert all(verbs[verb] for verb in ("win", "lose", "pay", "invoice", "ask_back", "close", "publish_article"))


def test_it_says_where_it_is_and_how_to_get_in(started: Installation) -> None:
    text = printed(started)
    assert started.url in text
    assert "Sign in / Đăng nhập      admin@example.com" in text
    for employee in company.EMPLOYEES:
        with started.sign_in(employee.email, kept(started)["password"]) as somebody:
            assert somebody.get("/me").json()["name"] == employee.name
        assert employee.email in text


def test_what_is_kept_is_for_the_operators_eyes(started: Installation) -> None:
    mode = (started.folder / "var" / "demo.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_everything_was_told_once_although_it_was_killed_twice(started: Installation, acts: list[Act]) -> None:
    verbs = Counter(act.verb for act in acts)
    quoted = {act.key for act in acts if act.verb == "quote"}
    told = {
        ("channels", "submissions"): verbs["push"],
        ("sales", "opportunities"): verbs["qualify"] + verbs["open_deal"],
        ("sales", "quotes"): verbs["quote"],
        ("sales", "orders"): sum(act.verb == "win" and act.key in quoted for act in acts),
        ("sales", "shipments"): verbs["ship"],
        ("sales", "invoices"): verbs["invoice"],
        ("sales", "payments"): verbs["pay"],
        ("service_desk", "cases"): verbs["open_case"],
        ("service_desk", "entitlements"): verbs["contract"],
        ("service_desk", "articles"): verbs["write_article"],
    }
    assert {each: count(started, *each) for each in told} == told
    assert count(started, "activities", "activities", "status = 'done'") == verbs["call"] + verbs["visit"]
    contacted = count(started, "sales", "outbox", "type = 'sales.lead.contacted.v1'")
    assert contacted == verbs["contact"]


def test_there_is_something_in_every_state(started: Installation) -> None:
    def states(service: str, table: str, column: str = "status", where: str = "1") -> set[str]:
        return {state for (state,) in rows(started, service, f"SELECT {column} FROM {table} WHERE {where}")}

    assert states("sales", "leads") == {"new", "working", "qualified", "disqualified"}
    stages = {"qualification", "needs", "proposal", "negotiation", "closing"}
    assert states("sales", "opportunities", "stage", "status = 'open'") == stages
    assert states("sales", "opportunities") == {"open", "won", "lost"}
    assert {"sent", "accepted", "rejected"} <= states("sales", "quotes")
    assert {"issued", "part_paid", "paid"} <= states("sales", "invoices")
    assert states("service_desk", "cases") >= {"new", "open", "waiting", "resolved", "closed"}
    assert states("service_desk", "cases", "type") >= {"question", "request", "problem", "complaint", "warranty"}
    assert count(started, "sales", "invoices", "status IN ('issued', 'part_paid') AND due_on < date('now')") > 3
    assert count(started, "sales", "accounts") > REGULARS


def test_leads_that_came_twice_are_there_once(started: Installation) -> None:
    verdicts = Counter(status for (status,) in rows(started, "channels", "SELECT status FROM submissions"))
    assert verdicts["merged"] + verdicts["duplicate"] == LEADS // REPEATED_EVERY
    assert verdicts["created"] == count(started, "sales", "leads", "deleted_at IS NULL")


def test_nothing_of_it_is_in_the_future_and_it_goes_back_half_a_year(started: Installation) -> None:
    now = datetime.now(UTC).isoformat(" ")
    for service, table in (
        *(("sales", each) for each in ("leads", "accounts", "opportunities", "quotes", "orders", "invoices")),
        *(("sales", "field_history"), ("sales", "outbox"), ("channels", "feed"), ("channels", "submissions")),
        *(("activities", "activities"), ("activities", "entries"), ("service_desk", "cases"), ("insight", "facts")),
    ):
        names = {row[1] for row in rows(started, service, f"PRAGMA table_info({table})")}
        past = names & {"created_at", "updated_at", "changed_at", "received_at", "at", "told_at", "completed_at"}
        for column in past:
            assert count(started, service, table, f"{column} > '{now}'") == 0, f"{service} {table}.{column}"
    (weeks,) = rows(started, "sales", "SELECT count(DISTINCT strftime('%Y-%W', created_at)) FROM leads")
    assert weeks[0] >= WEEKS
    (months,) = rows(started, "sales", "SELECT count(DISTINCT strftime('%Y-%m', paid_on)) FROM payments")
    assert months[0] >= 4


def test_the_funnel_is_what_the_records_say(started: Installation) -> None:
    with started.sign_in(company.DIRECTOR.email, kept(started)["password"]) as director:
        told = director.get("/reports/funnel_by_source/run").json()["totals"]
    ((paid,),) = rows(started, "sales", "SELECT sum(amount) FROM payments")
    assert told["captured"] == count(started, "sales", "leads", "deleted_at IS NULL")
    assert told["qualified"] == count(started, "sales", "leads", "status = 'qualified'")
    assert told["won"] == count(started, "sales", "opportunities", "status = 'won'")
    assert told["orders"] == count(started, "sales", "orders", "status NOT IN ('draft', 'cancelled')")
    assert told["invoices"] == count(started, "sales", "invoices")
    assert [float(money["amount"]) for money in told["paid"]] == [paid / 10_000]


@pytest.mark.parametrize("reaction", ["insight.keep_facts", "activities.keep_timeline"])
def test_a_projection_made_anew_from_the_events_is_the_same(started: Installation, reaction: str) -> None:
    service, table = ("insight", "facts") if reaction.startswith("insight") else ("activities", "entries")
    columns = "id, kind, day, amount, paid, counts" if table == "facts" else "event_id, subject, at"

    def content() -> list[Any]:
        return sorted(rows(started, service, f"SELECT {columns} FROM {table}"))

    before = content()
    started.run("rebuild", reaction)
    assert content() == before


def test_every_phone_and_every_price_is_a_real_one(started: Installation) -> None:
    for table in ("leads", "accounts", "contacts"):
        for (phones,) in rows(started, "sales", f"SELECT phones FROM {table}"):
            assert all(normalise_phone(phone["value"]) for phone in json.loads(phones)), phones
    assert all(price > 0 and price == int(price) for (price,) in rows(started, "sales", "SELECT price FROM products"))


def test_everybody_sees_what_is_theirs(started: Installation) -> None:
    every = count(started, "sales", "leads", "deleted_at IS NULL")
    x, y = company.SELLERS[:2]
    with started.sign_in(x.email, kept(started)["password"]) as seller:
        of_x = {lead["id"] for lead in everything(seller, "/leads")}
        planned = everything(seller, "/activities?status=planned")
    with started.sign_in(y.email, kept(started)["password"]) as seller:
        of_y = {lead["id"] for lead in everything(seller, "/leads")}
    assert (len(of_x) > 0, len(of_y) > 0, of_x & of_y) == (True, True, set())
    now = datetime.now(UTC).isoformat()
    assert any(each["due_at"] < now for each in planned)
    assert any(each["due_at"] > now for each in planned)
    with started.sign_in(company.MANAGER.email, kept(started)["password"]) as manager:
        assert len(everything(manager, "/leads")) == every


def everything(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    items, cursor = [], None
    while True:
        answer = client.get(path, params={"limit": 200, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if (cursor := answer.json()["next_cursor"]) is None:
            return items


def test_the_printed_line_pushes_a_lead(started: Installation) -> None:
    (line,) = [line for line in printed(started).splitlines() if line.startswith("curl ")]
    if shutil.which("curl") is None:
        pytest.skip("no curl to run the printed line with")
    ran = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)["submission_id"]


def test_a_second_start_changes_nothing_and_shows_no_secret(started: Installation) -> None:
    def events() -> int:
        # Clocks of cases run out whenever they do.
        return count(started, "channels", "feed", "type != 'service_desk.case.breached.v1'")

    eventually(lambda: count(started, "channels", "submissions", "status = 'received'") == 0, within=30)
    time.sleep(1.5)  # and whoever follows the verdict has heard of it
    before = events()
    assert started.stop() == 0, "a stop ends in order: leases are given up, nothing is begun again"
    started.log.unlink()
    started.start()
    eventually(lambda: "Sign in" in printed(started), within=60)
    content = kept(started)
    assert content["password"] not in printed(started)
    assert not any(secret in printed(started) for secret in content["keys"].values())
    assert events() == before
    again = subprocess.run(seeding(), cwd=ROOT, env=started.environment, capture_output=True, text=True, check=True)
    assert again.stdout == "the demo company is there already\n"


def test_the_front_page_signs_in_with_one_click(started: Installation) -> None:
    with httpx.Client(base_url=started.url, headers={"accept-language": "vi"}) as browser:
        assert "Nhân viên X" in browser.get("/").text
        answer = browser.post("/demo/sign-in", data={"part": "seller_x", "next": "/app/leads"}, follow_redirects=True)
        assert (answer.status_code, answer.url.path) == (200, "/app/leads")
        assert company.SELLERS[0].name in answer.text


@pytest.mark.slow
def test_it_is_loaded_within_ten_seconds(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/{{service}}.db", var=tmp_path)
    nodes = open_nodes(with_secret(settings), all_services())
    migrate_all(nodes)
    ensure_administrator(nodes[0])
    for node in nodes:
        node.close()
    began = time.process_time()
    assert seed_demo(settings, say=lambda _: None)
    spent = time.process_time() - began
    # Whoever shares the machine takes its caches away: then the processor works longer for the same.
    is_quiet = os.getloadavg()[0] < (os.cpu_count() or 1)
    assert spent < (10 if is_quiet else 30)
