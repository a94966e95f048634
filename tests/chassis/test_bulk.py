"""A thousand records written at once look exactly like a thousand written one by one."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from sqlalchemy import select

from chassis.access import UnmarkedStatement, acting, as_system, find
from chassis.bulk import bulk_write
from chassis.context import Context
from chassis.errors import NotAllowed, NotFound
from chassis.event import Event, decode
from chassis.history import field_history, history_of
from chassis.ids import new_id
from chassis.outbox import outbox
from chassis.records import table_of
from chassis.search import search_clause
from chassis.service import Node
from tests.chassis.engines import ENGINES
from tests.chassis.records_of_a_shop import Label, Lead, Person, open_shop

LAN, MINH = Person(new_id()), Person(new_id())


class LeadCreated(Event):
    type: ClassVar[str] = "shop.lead.created.v1"
    lead_id: str

    @property
    def subject(self) -> str:
        return f"lead:{self.lead_id}"


@pytest.fixture(params=ENGINES, scope="module")
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with open_shop(request.param, tmp_path_factory.mktemp("bulk")) as node:
        yield node


def write(node: Node, model: Any = Lead, **what: Any) -> list[str]:
    with node.begin(Context.fresh("user:lan")) as tx:
        as_system(tx, "a test")
        return bulk_write(tx, model, **what)


def columns_of(node: Node, record_id: str) -> dict[str, Any]:
    with node.read() as tx:
        as_system(tx, "a test")
        lead = find(tx, Lead, record_id, deleted=True)
        return {column.key: getattr(lead, column.key) for column in table_of(Lead).columns}


SAYS_ITSELF = {"id", "created_at", "updated_at"}


def test_a_row_inserted_in_bulk_equals_one_added_alone(node: Node) -> None:
    says = {"name": "Đường", "owner_id": LAN.id, "custom": {"color": "red"}}
    with node.begin(Context.fresh("user:lan")) as tx:
        as_system(tx, "a test")
        alone = Lead(**says)
        tx.add(alone)
        tx.flush()
    (in_bulk,) = write(node, inserts=[says])
    one, other = columns_of(node, alone.id), columns_of(node, in_bulk)
    assert {name: value for name, value in one.items() if name not in SAYS_ITSELF} == {
        name: value for name, value in other.items() if name not in SAYS_ITSELF
    }
    assert other["created_at"] == other["updated_at"]


def test_a_change_made_in_bulk_equals_one_made_alone(node: Node) -> None:
    one, other = write(node, inserts=[{"name": "Ánh", "custom": {"a": 1}}, {"name": "Ánh", "custom": {"a": 1}}])
    change = {"name": 'Bình O\'Brien \\ "x" {%s} :new', "status": "working", "custom": {"a": None, "b": [1.5, "é"]}}
    with node.begin(Context.fresh("user:lan")) as tx:
        as_system(tx, "a test")
        lead = find(tx, Lead, one)
        for name, value in change.items():
            setattr(lead, name, value)
    write(node, updates=[(other, change)])
    alone, in_bulk = columns_of(node, one), columns_of(node, other)
    assert {name: value for name, value in alone.items() if name not in SAYS_ITSELF} == {
        name: value for name, value in in_bulk.items() if name not in SAYS_ITSELF
    }
    assert in_bulk["updated_at"] > in_bulk["created_at"]
    with node.read() as tx:
        told = [
            [(entry.field, entry.old, entry.new, entry.changed_by) for entry in history_of(tx, "lead", each)[0]]
            for each in (one, other)
        ]
    assert told[0] == told[1]
    assert len(told[0]) == 4


def test_rows_of_different_shapes_go_together(node: Node) -> None:
    wanted = new_id()
    ids = write(
        node,
        inserts=[{"name": "A", "id": wanted}, {"name": "B", "phone": "0900000001"}, {"name": "C", "status": "lost"}],
    )
    assert ids[0] == wanted
    rows = [columns_of(node, each) for each in ids]
    assert [(row["name"], row["phone"], row["status"]) for row in rows] == [
        ("A", None, "new"),
        ("B", "0900000001", "new"),
        ("C", None, "lost"),
    ]
    assert rows[0]["custom"] is not rows[1]["custom"]
    write(node, updates=[(ids[0], {"name": "A2"}), (ids[1], {"status": "lost"}), (ids[0], {"phone": None})])
    rows = [columns_of(node, each) for each in ids]
    assert [(row["name"], row["status"], row["version"]) for row in rows] == [
        ("A2", "new", 2),
        ("B", "lost", 2),
        ("C", "lost", 1),
    ]


def test_a_change_that_changes_nothing_writes_nothing(node: Node) -> None:
    (lead_id,) = write(node, inserts=[{"name": "A"}])
    before = columns_of(node, lead_id)
    write(node, updates=[(lead_id, {"name": "A", "custom": {}})])
    assert columns_of(node, lead_id) == before


def test_what_was_written_in_bulk_is_found_by_its_new_name(node: Node) -> None:
    (lead_id,) = write(node, inserts=[{"name": "Hoàng Thổ"}])
    write(node, updates=[(lead_id, {"name": "Huỳnh Thổ"})])
    with node.read() as tx:
        as_system(tx, "a test")
        assert list(tx.scalars(select(Lead.id).where(search_clause(Lead.search_text, "huynh tho")))) == [lead_id]
        assert list(tx.scalars(select(Lead.id).where(search_clause(Lead.search_text, "hoang tho")))) == []


def test_events_are_announced_in_the_same_transaction(node: Node) -> None:
    wanted = [new_id() for _ in range(3)]
    events = [(LeadCreated(lead_id=each), None) for each in wanted]
    write(node, inserts=[{"id": each, "name": "A"} for each in wanted], events=events)
    with node.read() as tx:
        stored = [decode(body) for body in tx.scalars(select(outbox.c.envelope).order_by(outbox.c.position))]
    mine = [envelope for envelope in stored if envelope.data["lead_id"] in wanted]
    assert [(envelope.data["lead_id"], envelope.sequence, envelope.actor) for envelope in mine] == [
        (each, 1, "user:lan") for each in wanted
    ]


def test_two_thousand_five_hundred_rows_are_no_different(node: Node) -> None:
    ids = write(node, inserts=[{"name": f"row {number}"} for number in range(2500)])
    write(node, updates=[(each, {"status": "lost", "name": f"new {number}"}) for number, each in enumerate(ids)])
    with node.read() as tx:
        as_system(tx, "a test")
        rows = tx.execute(select(Lead.id, Lead.name, Lead.version).where(Lead.status == "lost")).all()
        assert {row.id: (row.name, row.version) for row in rows if row.id in set(ids)} == {
            each: (f"new {number}", 2) for number, each in enumerate(ids)
        }
        told = set(tx.scalars(select(field_history.c.record_id).where(field_history.c.field == "name")))
        assert set(ids) <= told


def test_a_record_the_session_holds_is_read_again(node: Node) -> None:
    (lead_id,) = write(node, inserts=[{"name": "A"}])
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        lead = find(tx, Lead, lead_id)
        lead.phone = None
        bulk_write(tx, Lead, updates=[(lead_id, {"name": "B"})])
        assert (lead.name, lead.version) == ("B", 2)
        lead.name = "C"
    assert columns_of(node, lead_id)["version"] == 3


def test_one_record_that_is_absent_or_not_theirs_refuses_the_whole_call(node: Node) -> None:
    mine, theirs = write(node, inserts=[{"name": "A", "owner_id": LAN.id}, {"name": "B", "owner_id": MINH.id}])
    both = [(mine, {"name": "X"}), (theirs, {"name": "X"})]
    attempts: list[tuple[Any, type[Exception], Any]] = [
        ({"read": "own", "write": "own"}, NotFound, both),
        ({"read": "all", "write": "own"}, NotAllowed, both),
        ({"read": "all", "write": "all"}, NotFound, [(mine, {"name": "X"}), (new_id(), {"name": "X"})]),
    ]
    for rights, refusal, updates in attempts:
        with pytest.raises(refusal), node.begin(Context.fresh("test")) as tx:
            acting(tx, LAN, **rights)
            bulk_write(tx, Lead, updates=updates)
    assert columns_of(node, mine)["name"] == "A"
    with node.begin(Context.fresh("test")) as tx:
        acting(tx, LAN, "own", write="own")
        bulk_write(tx, Lead, updates=[(mine, {"name": "X"})])
    assert columns_of(node, mine)["name"] == "X"


def test_somebody_must_ask(node: Node) -> None:
    with pytest.raises(UnmarkedStatement), node.begin(Context.fresh("test")) as tx:
        bulk_write(tx, Lead, inserts=[{"name": "A"}])


def test_a_column_that_is_not_there_is_a_bug(node: Node) -> None:
    for what in ({"inserts": [{"nmae": "A"}]}, {"updates": [(new_id(), {"nmae": "A"})]}):
        with pytest.raises(TypeError, match="nmae"):
            write(node, **what)


def test_records_without_owners_or_search_text_are_written_too(node: Node) -> None:
    (label_id,) = write(node, Label, inserts=[{"text": "warm"}])
    write(node, Label, updates=[(label_id, {"text": "hot"})])
    with node.read() as tx:
        assert find(tx, Label, label_id).text == "hot"


def test_a_value_that_is_too_long_is_refused_and_not_cut(node: Node) -> None:
    if node.db.dialect == "sqlite":
        pytest.skip("SQLite has no lengths")
    (lead_id,) = write(node, inserts=[{"name": "A"}])
    with pytest.raises(Exception, match="too long"):
        write(node, updates=[(lead_id, {"name": "x" * 201})])
