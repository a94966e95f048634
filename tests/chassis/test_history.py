"""History says what was changed, from what to what, when and by whom, and is written with the change."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.access import as_system, find
from chassis.context import Context
from chassis.errors import Invalid
from chassis.history import Change, field_history, forget_history, history_of, time_in_state
from chassis.ids import new_id
from chassis.service import Node
from tests.chassis.engines import ENGINES
from tests.chassis.records_of_a_shop import Label, Lead, open_shop


@pytest.fixture(params=ENGINES, scope="module")
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with open_shop(request.param, tmp_path_factory.mktemp("history")) as node:
        yield node


@pytest.fixture
def lead_id(node: Node) -> str:
    with node.begin(Context.fresh("user:lan")) as tx:
        as_system(tx, "the test lays a lead")
        lead = Lead(name="Ánh", custom={"color": "red", "size": 3})
        tx.add(lead)
        tx.flush()
        return lead.id


def change(node: Node, lead_id: str, actor: str = "user:minh", **columns: Any) -> None:
    with node.begin(Context.fresh(actor)) as tx:
        as_system(tx, "a test")
        lead = find(tx, Lead, lead_id)
        for name, value in columns.items():
            setattr(lead, name, value)


def history(node: Node, lead_id: str) -> list[Change]:
    with node.read() as tx:
        return history_of(tx, "lead", lead_id)[0]


def told(node: Node, lead_id: str) -> list[tuple[str, Any, Any]]:
    return [(change.field, change.old, change.new) for change in history(node, lead_id)]


def test_creating_a_record_writes_no_history(node: Node, lead_id: str) -> None:
    assert told(node, lead_id) == []


def test_a_change_is_told_with_old_new_actor_and_time(node: Node, lead_id: str) -> None:
    change(node, lead_id, status="working", phone="0912345678")
    (entry,) = history(node, lead_id)
    assert (entry.field, entry.old, entry.new, entry.changed_by) == ("status", "new", "working", "user:minh")
    assert entry.changed_at.utcoffset() == timedelta()


def test_setting_a_field_to_what_it_is_writes_nothing(node: Node, lead_id: str) -> None:
    change(node, lead_id, status="new", custom={"size": 3, "color": "red"})
    assert told(node, lead_id) == []


def test_custom_fields_have_a_history_each(node: Node, lead_id: str) -> None:
    change(node, lead_id, custom={"color": "blue", "size": 3, "note": [1, {"a": None}]})
    assert told(node, lead_id) == [("custom.note", None, [1, {"a": None}]), ("custom.color", "red", "blue")]


def test_a_record_that_was_expired_still_tells_its_old_value(node: Node, lead_id: str) -> None:
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        lead = find(tx, Lead, lead_id)
        tx.expire(lead)
        lead.status = "lost"
    assert told(node, lead_id) == [("status", "new", "lost")]


def test_a_change_that_is_rolled_back_leaves_no_history(node: Node, lead_id: str) -> None:
    with pytest.raises(KeyError), node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        find(tx, Lead, lead_id).status = "lost"
        tx.flush()
        raise KeyError
    assert told(node, lead_id) == []


def test_history_comes_newest_first_in_pages(node: Node, lead_id: str) -> None:
    for number in range(5):
        change(node, lead_id, name=f"Ánh {number}")
    pages, cursor = [], None
    with node.read() as tx:
        while True:
            page, cursor = history_of(tx, "lead", lead_id, limit=2, cursor=cursor)
            pages.append([entry.new for entry in page])
            if cursor is None:
                break
    assert pages == [["Ánh 4", "Ánh 3"], ["Ánh 2", "Ánh 1"], ["Ánh 0"]]


@pytest.mark.parametrize("cursor", ["x", "-1", "", "1e3", "9" * 40, "٣"])
def test_a_cursor_of_another_list_is_refused(node: Node, lead_id: str, cursor: str) -> None:
    with node.read() as tx, pytest.raises(Invalid):
        history_of(tx, "lead", lead_id, cursor=cursor)


def test_a_model_that_names_no_fields_keeps_all_but_the_volatile_ones(node: Node) -> None:
    with node.begin(Context.fresh("test")) as tx:
        label = Label(text="warm")
        tx.add(label)
        tx.flush()
        label.text = "hot"
        tx.flush()
        assert [(entry.field, entry.old) for entry in history_of(tx, "label", label.id)[0]] == [("text", "warm")]


def test_time_in_state_adds_up_to_the_records_age(node: Node, lead_id: str) -> None:
    change(node, lead_id, status="working")
    change(node, lead_id, status="new")
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        lead = find(tx, Lead, lead_id)
        # One hour new, two hours working, then new again for four.
        positions = list(tx.scalars(select(field_history.c.position).where(field_history.c.record_id == lead_id)))
        for position, hours in zip(sorted(positions), (1, 3), strict=True):
            at = lead.created_at + timedelta(hours=hours)
            tx.execute(update(field_history).where(field_history.c.position == position).values(changed_at=at))
        spent = time_in_state(tx, lead, until=lead.created_at + timedelta(hours=7))
    assert spent == {"new": timedelta(hours=5), "working": timedelta(hours=2)}


def test_an_erased_field_keeps_the_fact_of_its_changes_and_nothing_else(node: Node, lead_id: str) -> None:
    change(node, lead_id, name="Bình", status="working")
    with node.begin(Context.fresh("test")) as tx:
        forget_history(tx, lead_id, ["name"])
        forget_history(tx, new_id(), ["status"])
    assert sorted(told(node, lead_id)) == [("name", None, None), ("status", "new", "working")]
