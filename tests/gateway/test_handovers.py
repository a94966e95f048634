"""Who may hand whose work over, what is refused, and how a handover gets on by what services tell of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from chassis.clock import utcnow
from chassis.context import Context
from chassis.deliver import deliver
from chassis.event import Envelope, decode, encode
from chassis.ids import new_id
from events.activities import HandoverAdvanced as AdvancedInActivities
from events.handovers import HandoverProgress, Moved
from events.sales import HandoverAdvanced as AdvancedInSales
from gateway.handovers.model import Handover
from tests.gateway.stage import House, Visitor, open_house


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Company"]:
    with open_house("sqlite", tmp_path_factory.mktemp("gateway")) as house:
        yield Company(house)


class Company:
    """A department with two teams, each with a seller, under one manager; and a team of its own beside it."""

    def __init__(self, house: House) -> None:
        self.house = house
        department = self.team("Kinh doanh")
        north, south = self.team("Bắc", parent_id=department), self.team("Nam", parent_id=department)
        self.south = south
        self.x = house.person("salesperson", team_ids=[north])
        self.y = house.person("salesperson", team_ids=[south])
        self.boss = house.person("sales_manager", team_ids=[department])
        self.stranger = house.person("sales_manager", team_ids=[self.team("Tiếp thị")])
        self.director = house.person("director")

    def team(self, name: str, **fields: Any) -> str:
        """A team's id."""
        made = self.house.admin.post("/teams", json={"name": f"{name} {new_id()}", **fields})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def asks(self, who: Visitor, **fields: Any) -> httpx.Response:
        """A handover of X to Y, unless fields say otherwise."""
        return who.post("/handovers", json={"from_user_id": self.x.id, "to_user_id": self.y.id, **fields})

    def tells(self, event: type[Any], handover_id: str, sequence: int, *, done: bool, phase: str = "moving") -> None:
        """A service says how far it has got."""
        counts = {"lead" if event is AdvancedInSales else "activity": Moved(found=2, moved=1 + done)}
        progress = {"id": handover_id, "phase": phase, "done": done, "counts": counts}
        told = event(handover=HandoverProgress.model_validate(progress))
        envelope = Envelope(
            id=new_id(),
            source=f"relata/{event.type.partition('.')[0]}",
            type=event.type,
            subject=told.subject,
            sequence=sequence,
            time=utcnow(),
            data=told.model_dump(mode="json"),
            correlation_id=new_id(),
        )
        deliver(self.house.node, [decode(encode(envelope))])

    def ends(self, handover_id: str, sequence: int = 1, phase: str = "moving") -> None:
        """Both services say that they are through."""
        for event in (AdvancedInSales, AdvancedInActivities):
            self.tells(event, handover_id, sequence, done=True, phase=phase)


def test_whoever_s_right_does_not_reach_the_seller_hands_nothing_over(company: Company) -> None:
    for nobody in (company.x, company.y, company.house.person("chief_accountant"), company.house.key("leads:write")):
        assert company.asks(nobody).status_code == 403
    unseen = company.asks(company.stranger)
    absent = company.asks(company.boss, from_user_id=new_id())
    assert unseen.status_code == absent.status_code == 422
    assert unseen.json()["errors"] == absent.json()["errors"]
    for able in (company.boss, company.director, company.house.admin):
        asked = company.asks(able)
        assert asked.status_code == 202, asked.text
        company.ends(asked.json()["id"])


def test_who_cannot_take_over_is_named(company: Company) -> None:
    gone, blind = company.house.person("salesperson"), company.house.person("technician")
    # They see every customer, and no lead or deal.
    onlookers = [company.house.person(role).id for role in ("chief_accountant", "service_agent")]
    assert company.house.admin.post(f"/users/{gone.id}/deactivate").status_code == 200
    for who in (gone.id, blind.id, company.x.id, new_id(), *onlookers):
        refused = company.asks(company.director, to_user_id=who)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/to_user_id")
        shares = [{"to_user_id": company.y.id}, {"to_user_id": who, "share": 2}]
        refused = company.asks(company.director, to_user_id=None, rules={"shares": shares})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/rules/shares/1/to_user_id")
    wrongs: tuple[dict[str, Any], ...] = (
        {"rules": {"team_id": company.south}},
        {"to_user_id": None},
        {"to_user_id": None, "rules": {}},
    )
    for wrong in wrongs:
        assert company.asks(company.director, **wrong).status_code == 422
    empty = company.asks(company.director, to_user_id=None, rules={"team_id": company.team("Trống")})
    assert empty.json()["errors"][0]["pointer"] == "/rules/team_id"
    said = company.director.post(
        "/handovers",
        json={"from_user_id": company.x.id, "to_user_id": company.x.id},
        headers={"accept-language": "vi"},
    )
    assert said.json()["errors"][0]["message"] == "Đây chính là người bàn giao."


def test_a_handover_is_done_when_every_service_is(company: Company) -> None:
    asked = company.asks(company.boss, note="Nghỉ việc", to_user_id=None, rules={"team_id": company.south})
    made = asked.json()
    assert asked.headers["location"] == f"/api/v1/handovers/{made['id']}"
    assert made["shares"] == [{"to_user_id": company.y.id, "share": 1}]
    assert company.asks(company.boss).json()["code"] == "handover_running"
    assert company.boss.post(f"/handovers/{made['id']}/undo").json()["code"] == "handover_running"
    company.tells(AdvancedInSales, made["id"], 2, done=True)
    company.tells(AdvancedInSales, made["id"], 1, done=False)  # late: changes nothing
    standing = company.boss.get(f"/handovers/{made['id']}").json()
    assert (standing["status"], standing["counts"]["lead"]["moved"]) == ("running", 2)
    company.tells(AdvancedInActivities, made["id"], 1, done=True)
    assert company.boss.get(f"/handovers/{made['id']}").json()["status"] == "done"
    told = [envelope.type.split(".")[2] for envelope in company.house.announced(f"handover:{made['id']}")]
    assert told == ["requested", "completed"]
    for reader, status in ((company.y, 200), (company.x, 404), (company.stranger, 404), (company.director, 200)):
        assert reader.get(f"/handovers/{made['id']}").status_code == status
        listed = [each["id"] for each in reader.get("/handovers").json()["items"]]
        assert (made["id"] in listed) == (status == 200)


def test_it_is_undone_once_within_thirty_days_and_for_somebody_who_is_there(company: Company) -> None:
    made = company.asks(company.boss).json()
    company.ends(made["id"])
    undo = f"/handovers/{made['id']}/undo"
    assert (company.y.post(undo).status_code, company.stranger.post(undo).status_code) == (403, 404)
    assert company.house.admin.post(f"/users/{company.x.id}/deactivate").status_code == 200
    assert company.boss.post(undo).json()["code"] == "user_not_active"
    assert company.house.admin.post(f"/users/{company.x.id}/activate").status_code == 200
    assert [company.boss.post(undo).status_code for _ in range(2)] == [202, 202]
    company.ends(made["id"], 2, "returning")
    assert company.boss.get(f"/handovers/{made['id']}").json()["status"] == "returned"
    told = [envelope.type.split(".")[2] for envelope in company.house.announced(f"handover:{made['id']}")]
    assert told == ["requested", "completed", "revoked", "returned"]

    late = company.asks(company.boss).json()
    company.ends(late["id"])
    with company.house.node.begin(Context.fresh("test")) as tx:
        long_ago = utcnow() - timedelta(days=1)
        tx.execute(update(Handover).where(Handover.id == late["id"]).values(undo_until=long_ago))
    assert company.boss.post(f"/handovers/{late['id']}/undo").json()["code"] == "undo_too_late"


def test_whoever_cannot_count_is_named(company: Company) -> None:
    """No service stands behind this door."""
    counted = company.asks(company.boss, dry_run=True)
    assert (counted.status_code, counted.json()["status"], counted.json()["id"]) == (200, "dry_run", None)
    assert counted.json()["parts"] == {"sales": "unavailable", "activities": "unavailable"}
    gone = company.house.admin.post(f"/users/{company.house.person('salesperson').id}/deactivate").json()
    assert (gone["active"], gone["open_records"]) == (False, {})
    assert gone["warning"]
    made = company.asks(company.boss).json()
    assert company.boss.get(f"/handovers/{made['id']}/briefs").status_code == 503
    assert company.stranger.get(f"/handovers/{made['id']}/briefs").status_code == 404


def test_whom_and_which_teams_a_manager_can_choose(company: Company) -> None:
    def offered(who: Visitor, path: str) -> set[str]:
        answer = who.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return {each["id"] for each in answer.json()["items"]}

    mine = offered(company.boss, "/colleagues?in_reach=true&limit=200")
    assert {company.x.id, company.y.id, company.boss.id} <= mine and company.stranger.id not in mine
    assert company.stranger.id in offered(company.boss, "/colleagues?in_reach=false&limit=200")
    assert {company.x.id, company.stranger.id} <= offered(company.director, "/colleagues?in_reach=true&limit=200")
    assert offered(company.y, "/colleagues?in_reach=true") == set()
    teams = offered(company.boss, "/handover_teams")
    assert company.south in teams and len(teams) == 3
    assert company.south not in offered(company.stranger, "/handover_teams")
    assert company.y.get("/handover_teams").status_code == 403
