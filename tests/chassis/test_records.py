"""What every record has: an id, times, a creator, a version, and a deletion that can be taken back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from chassis.access import acting, as_system, find
from chassis.context import Context
from chassis.database import ChangedMeanwhile, is_conflict
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.records import restore, soft_delete
from chassis.service import Node
from tests.chassis.engines import ENGINES
from tests.chassis.records_of_a_shop import Account, Label, Lead, Person, open_shop

LAN = Person(new_id())


@pytest.fixture(params=ENGINES, scope="module")
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with open_shop(request.param, tmp_path_factory.mktemp("records")) as node:
        yield node


def made(node: Node, **columns: object) -> str:
    with node.begin(Context.fresh(f"user:{LAN.id}")) as tx:
        as_system(tx, "the test lays a lead")
        lead = Lead(**{"name": "Đường", **columns})
        tx.add(lead)
        tx.flush()
        return lead.id


def test_a_new_record_has_an_id_times_a_creator_and_version_1(node: Node) -> None:
    before = datetime.now(UTC)
    lead_id = made(node)
    with node.read() as tx:
        as_system(tx, "a test")
        lead = find(tx, Lead, lead_id)
        assert (lead.version, lead.created_by, lead.custom, lead.deleted_at) == (1, f"user:{LAN.id}", {}, None)
        assert before <= lead.created_at <= lead.updated_at <= datetime.now(UTC)
        assert lead.created_at.utcoffset() == timedelta()


def test_an_id_that_the_client_sends_is_kept(node: Node) -> None:
    wanted = new_id()
    assert made(node, id=wanted) == wanted


def test_a_field_of_ones_own_comes_back_as_it_was_given(node: Node) -> None:
    given = {"số hợp đồng": 12345678901234567890123, "tỷ lệ": 0.1, "ghi chú": "Đường", "không": None, "có": [True]}
    lead_id = made(node, custom=given)
    with node.read() as tx:
        as_system(tx, "a test")
        lead = find(tx, Lead, lead_id)
        assert lead.custom == given
        assert (type(lead.id), lead.id) == (str, lead_id)


def test_each_change_raises_the_version_and_a_flush_without_change_does_not(node: Node) -> None:
    lead_id = made(node)
    for status, version in (("working", 2), ("working", 2), ("lost", 3)):
        with node.begin(Context.fresh("test")) as tx:
            as_system(tx, "a test")
            find(tx, Lead, lead_id).status = status
        with node.read() as tx:
            as_system(tx, "a test")
            lead = find(tx, Lead, lead_id)
            assert lead.version == version
            assert (lead.updated_at > lead.created_at) is (version > 1)


def test_two_who_change_the_same_version_are_a_conflict_for_the_second(node: Node) -> None:
    lead_id = made(node)
    with pytest.raises(ChangedMeanwhile) as told, node.begin(Context.fresh("second")) as tx:
        as_system(tx, "a test")
        lead = find(tx, Lead, lead_id)
        # Another transaction changes it between our reading and our writing.
        tx.connection().exec_driver_sql("UPDATE leads SET version = version + 1")
        lead.status = "lost"
    assert told.value.status == 409
    assert is_conflict(told.value), "so that a request or a reaction is simply run again"
    with node.read() as tx:
        as_system(tx, "a test")
        assert find(tx, Lead, lead_id).status == "new"


@pytest.mark.parametrize("node", ["postgresql"], indirect=True)
def test_a_locked_record_waits_for_its_turn_and_loses_nothing(node: Node) -> None:
    from concurrent.futures import ThreadPoolExecutor

    lead_id = made(node, custom={"calls": 0})

    def call(_: int) -> None:
        with node.begin(Context.fresh("test")) as tx:
            as_system(tx, "a test")
            lead = find(tx, Lead, lead_id, lock=True)
            lead.custom = {"calls": lead.custom["calls"] + 1}

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(call, range(12)))
    with node.read() as tx:
        as_system(tx, "a test")
        assert find(tx, Lead, lead_id).custom == {"calls": 12}


def test_a_deleted_record_is_gone_from_lists_reads_and_relations_until_it_is_restored(node: Node) -> None:
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        account = Account(name="Thành Công", leads=[Lead(name="An"), Lead(name="Bình")])
        tx.add(account)
        tx.flush()
        account_id, lead_id = account.id, account.leads[0].id
        soft_delete(tx, account.leads[0])
        with pytest.raises(NotFound):
            find(tx, Lead, lead_id)
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        assert tx.get(Lead, lead_id) is None
        assert lead_id not in set(tx.scalars(select(Lead.id)))
        assert [lead.name for lead in find(tx, Account, account_id).leads] == ["Bình"]
        with pytest.raises(NotFound):
            find(tx, Lead, lead_id)
        deleted = find(tx, Lead, lead_id, deleted=True)
        restore(tx, deleted)
        assert deleted.version == 3
    with node.read() as tx:
        acting(tx, LAN, "all")
        assert [lead.name for lead in find(tx, Account, account_id).leads] == ["An", "Bình"]


def test_deleting_twice_is_deleting_once(node: Node) -> None:
    lead_id = made(node)
    for _ in range(2):
        with node.begin(Context.fresh("test")) as tx:
            as_system(tx, "a test")
            lead = find(tx, Lead, lead_id, deleted=True)
            soft_delete(tx, lead)
            assert lead.version == 2


def test_a_deleted_records_key_is_free_and_checked_again_when_it_is_restored(node: Node) -> None:
    first = made(node, phone="0912345678")
    with pytest.raises(IntegrityError):
        made(node, phone="0912345678")
    with node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        soft_delete(tx, find(tx, Lead, first))
    made(node, phone="0912345678")
    with pytest.raises(IntegrityError), node.begin(Context.fresh("test")) as tx:
        as_system(tx, "a test")
        restore(tx, find(tx, Lead, first, deleted=True))


def test_deleted_records_without_owners_are_gone_too_whoever_asks(node: Node) -> None:
    with node.begin(Context.fresh("test")) as tx:
        kept, gone = Label(text="kept"), Label(text="gone")
        tx.add_all([kept, gone])
        soft_delete(tx, gone)
    for ask in (lambda tx: None, lambda tx: as_system(tx, "a test"), lambda tx: acting(tx, LAN, "own")):
        with node.read() as tx:
            ask(tx)
            assert [label.text for label in tx.scalars(select(Label))] == ["kept"]
