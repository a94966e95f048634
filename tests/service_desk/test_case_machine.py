"""Whatever is done to a case in whatever order: only allowed moves, and events that tell exactly what is there.

Hypothesis walks over the routes; every call is taken or refused by a rule (409), nothing else.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chassis.clock import utcnow
from services.service_desk.jobs import mark_breaches
from tests.service_desk.stage import Desk, open_desk

ALLOWED = {
    *(("new", "open"), ("open", "waiting"), ("waiting", "open"), ("open", "resolved"), ("waiting", "resolved")),
    *(("resolved", "closed"), ("resolved", "open"), ("closed", "open")),
}
PEOPLE = ["01a20000-0000-7000-8000-000000000001", "01a20000-0000-7000-8000-000000000002"]
STEPS: dict[str, dict[str, Any]] = {
    "open": {},
    "wait": {},
    "resolve": {"resolution": "Đã thay gioăng"},
    "close": {},
    "reopen": {},
    "escalate": {},
}
SAID = st.sampled_from([("public", "out"), ("public", "in"), ("internal", "out")])
WEEK = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(1, 8)]


class Life(RuleBasedStateMachine):
    """What people try with one case, while its clocks may run out at any time."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.since = desk, desk.so_far()

    @initialize(priority=st.sampled_from(["low", "urgent"]))
    def somebody_calls(self, priority: str) -> None:
        self.path = f"/cases/{self.desk.case(priority=priority)['id']}"

    @rule(step=st.sampled_from(sorted(STEPS)))
    def step(self, step: str) -> None:
        answer = self.desk.try_("POST", f"{self.path}/{step}", **STEPS[step])
        assert answer.status_code in (200, 409), answer.text

    @rule(owner=st.sampled_from(PEOPLE))
    def assign(self, owner: str) -> None:
        assert self.desk.do("POST", f"{self.path}/assign", owner_id=owner)["owner_id"] == owner

    @rule(said=SAID)
    def say(self, said: tuple[str, str]) -> None:
        body = {"text": "…", "visibility": said[0], "direction": said[1]}
        assert self.desk.try_("POST", f"{self.path}/messages", **body).status_code in (201, 409)

    @rule(priority=st.sampled_from(["low", "urgent"]))
    def weigh_anew(self, priority: str) -> None:
        assert self.desk.try_("PATCH", self.path, priority=priority).status_code in (200, 409)

    @rule(looks=st.booleans())
    def let_time_pass(self, looks: bool) -> None:
        shown = self.desk.do("GET", self.path)
        if shown["due_at"]:
            past = utcnow().replace(microsecond=0) - timedelta(minutes=1)
            columns: dict[str, Any] = {"resolution_due_at": past, "due_at": past}
            columns["breach_at"] = None if shown["resolution_breached_at"] else past
            self.desk.move(self.path.rpartition("/")[2], **columns)
        if looks:
            mark_breaches(self.desk.node)

    @invariant()
    def what_is_there_is_what_was_told(self) -> None:
        if not hasattr(self, "path"):
            return
        shown = self.desk.do("GET", self.path)
        subject = f"case:{self.path.rpartition('/')[2]}"
        events = [each for each in self.desk.announced(self.since) if each.subject == subject]
        moves = [each.data["changed"]["status"] for each in events[1:] if "status" in each.data["changed"]]
        assert {tuple(move) for move in moves} <= ALLOWED
        assert [old for old, _ in moves] == ["new", *(new for _, new in moves)][: len(moves)]
        assert shown["status"] == (moves[-1][1] if moves else "new")
        breaches = defaultdict(int)
        for each in events:
            if each.type == "service_desk.case.breached.v1":
                breaches[each.data["clock"]] += 1
        for clock in ("first_response", "resolution"):
            assert breaches[clock] == (shown[f"{clock}_breached_at"] is not None)
        assert (shown["due_at"] is None) == (shown["status"] not in ("new", "open"))
        assert (shown["resolved_at"] is None) == (shown["status"] not in ("resolved", "closed"))
        assert (shown["closed_at"] is None) == (shown["status"] != "closed")
        if shown["status"] in ("resolved", "closed"):
            assert shown["resolution"] and shown["first_responded_at"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk("sqlite", tmp_path) as desk:
        for priority, minutes in (("low", 600), ("urgent", 60)):
            body = {"first_response_minutes": 30, "resolution_minutes": minutes, "hours": WEEK}
            desk.do("POST", "/sla_policies", name=priority, priority=priority, **body)
        yield desk


def walk(desk: Desk, examples: int, steps: int) -> None:
    """Let hypothesis walk so many times so many steps."""
    bounded = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    run_state_machine_as_test(lambda: Life(desk), settings=bounded)  # type: ignore[arg-type]


def test_a_case_keeps_its_rules_whatever_is_done(desk: Desk) -> None:
    walk(desk, examples=8, steps=15)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_case_keeps_its_rules_for_long(desk: Desk) -> None:
    walk(desk, examples=150, steps=40)
