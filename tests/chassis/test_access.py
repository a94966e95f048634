"""Who asks sees what is theirs, by whatever way they ask; and a statement that forgets to ask is refused."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session, aliased, joinedload, selectinload, subqueryload

from chassis.access import acting, as_system, find, may_write, require_write
from chassis.database import Database
from chassis.errors import NotAllowed, NotFound
from chassis.ids import new_id
from chassis.records import soft_delete
from chassis.service import Node
from tests.chassis.engines import ENGINES
from tests.chassis.records_of_a_shop import Account, Label, Lead, Person, open_shop

LAN, MINH = Person(new_id()), Person(new_id())
NORTH, HANOI, SOUTH = new_id(), new_id(), new_id()
DEPTHS = ("none", "own", "team", "below", "all")


@pytest.fixture(params=ENGINES, scope="module")
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with open_shop(request.param, tmp_path_factory.mktemp("access")) as node:
        yield node


@pytest.fixture(autouse=True)
def emptied(node: Node) -> None:
    with node.db.begin() as tx:
        as_system(tx, "every test starts with an empty shop")
        for model in (Lead, Account, Label):
            tx.execute(delete(model))


def put(node: Node, *records: Any) -> None:
    with node.db.begin() as tx:
        as_system(tx, "the test puts records there")
        tx.add_all(records)


def leads_of(*people: Person) -> list[Lead]:
    return [Lead(name=f"lead {number}", owner_id=person.id) for number, person in enumerate(people)]


@contextmanager
def asking(node: Node, who: Person, *args: Any, **options: Any) -> Iterator[Session]:
    with node.db.begin() as tx:
        acting(tx, who, *(args or ("own",)), **options)
        yield tx


# --- the same rows by every way of asking ---


def by_select(tx: Session) -> set[str]:
    return {lead.id for lead in tx.scalars(select(Lead))}


def by_column(tx: Session) -> set[str]:
    return set(tx.scalars(select(Lead.id)))


def by_alias(tx: Session) -> set[str]:
    return {lead.id for lead in tx.scalars(select(aliased(Lead)))}


def by_query(tx: Session) -> set[str]:
    return {lead.id for lead in tx.query(Lead)}


def by_subquery(tx: Session) -> set[str]:
    mine = select(Lead.id, Lead.name).subquery()
    return set(tx.scalars(select(mine.c.id)))


def by_common_table(tx: Session) -> set[str]:
    mine = select(Lead.id).cte()
    return set(tx.scalars(select(mine.c.id)))


def by_aliased_subquery(tx: Session) -> set[str]:
    entity = aliased(Lead, select(Lead).subquery())
    return {lead.id for lead in tx.scalars(select(entity))}


def by_union(tx: Session) -> set[str]:
    return set(tx.scalars(select(Lead.id).where(Lead.status == "new").union(select(Lead.id))))


def by_join(tx: Session) -> set[str]:
    other = aliased(Lead)
    return set(tx.scalars(select(Lead.id).join(other, other.id == Lead.id)))


def by_id_of_subquery(tx: Session) -> set[str]:
    return set(tx.scalars(select(Lead.id).where(Lead.id.in_(select(Lead.id)))))


def by_exists(tx: Session) -> set[str]:
    other = aliased(Lead)
    return set(tx.scalars(select(Lead.id).where(exists(select(other.id).where(other.id == Lead.id)))))


def by_locking(tx: Session) -> set[str]:
    return {lead.id for lead in tx.scalars(select(Lead).with_for_update(of=Lead))}


def by_pages(tx: Session) -> set[str]:
    rows = tx.execute(select(Lead).order_by(Lead.id).execution_options(yield_per=2))
    return {row[0].id for row in rows}


WAYS: list[Callable[[Session], set[str]]] = [
    by_select,
    by_column,
    by_alias,
    by_query,
    by_subquery,
    by_common_table,
    by_aliased_subquery,
    by_union,
    by_join,
    by_id_of_subquery,
    by_exists,
    by_locking,
    by_pages,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_salesperson_sees_only_their_own_leads(node: Node, way: Callable[[Session], set[str]]) -> None:
    mine, theirs = leads_of(LAN, MINH)
    put(node, mine, theirs)
    with asking(node, LAN) as tx:
        assert way(tx) == {mine.id}
    with asking(node, MINH) as tx:
        assert way(tx) == {theirs.id}


def test_counts_count_what_is_seen(node: Node) -> None:
    put(node, *leads_of(LAN, MINH, MINH))
    with asking(node, MINH) as tx:
        assert tx.scalar(select(func.count()).select_from(Lead)) == 2
        assert tx.scalar(select(func.count(Lead.id))) == 2
        assert tx.query(Lead).count() == 2
        assert tx.scalar(select(func.count()).select_from(select(Lead).subquery())) == 2
        assert tx.scalar(select(exists(select(Lead.id).where(Lead.owner_id == LAN.id)))) is False


LOADERS = {"lazy": None, "joined": joinedload, "selectin": selectinload, "subquery": subqueryload}


@pytest.mark.parametrize("how", LOADERS)
def test_an_account_shows_the_leads_its_reader_sees_and_a_lead_its_account(node: Node, how: str) -> None:
    account = Account(name="Thành Công", owner_id=LAN.id)
    mine, theirs = leads_of(LAN, MINH)
    mine.account = theirs.account = account
    put(node, account)
    loader = LOADERS[how]

    def options(attribute: Any) -> list[Any]:
        return [loader(attribute)] if loader else []

    with asking(node, LAN) as tx:
        found = tx.scalars(select(Account).options(*options(Account.leads))).unique().one()
        assert [lead.id for lead in found.leads] == [mine.id]
    with asking(node, MINH) as tx:
        lead = tx.scalars(select(Lead).options(*options(Lead.account))).unique().one()
        assert lead.account_id == account.id
        assert lead.account is None


def test_an_object_that_was_just_made_loads_only_what_its_maker_sees(node: Node) -> None:
    account = Account(name="Thành Công", owner_id=LAN.id)
    put(node, account)
    with asking(node, MINH, "own", write="own") as tx:
        lead = Lead(name="new", owner_id=MINH.id, account_id=account.id)
        tx.add(lead)
        tx.flush()
        assert lead.account is None


def test_a_lead_of_others_cannot_be_found_by_its_id(node: Node) -> None:
    (theirs,) = leads_of(LAN)
    put(node, theirs)
    with asking(node, MINH) as tx:
        assert tx.get(Lead, theirs.id) is None
        assert tx.get(Lead, theirs.id, with_for_update=True) is None
        with pytest.raises(NotFound):
            find(tx, Lead, theirs.id)
        with pytest.raises(NotFound):
            find(tx, Lead, theirs.id, lock=True)
    with asking(node, LAN) as tx:
        assert find(tx, Lead, theirs.id.upper()).id == theirs.id


@pytest.mark.parametrize("nonsense", ["", "abc", "\x00", "1; drop table leads", "ü" * 36, "0" * 500, None, 7])
def test_what_is_no_id_finds_nothing(node: Node, nonsense: Any) -> None:
    with asking(node, LAN, "all") as tx, pytest.raises(NotFound):
        find(tx, Lead, nonsense)


def test_what_the_system_loaded_is_not_handed_to_the_person_who_asks_next(node: Node) -> None:
    (theirs,) = leads_of(LAN)
    put(node, theirs)
    with asking(node, MINH) as tx:
        with as_system(tx, "duplicates are looked for among everybody's leads"):
            loaded = find(tx, Lead, theirs.id)
        with pytest.raises(NotFound):
            find(tx, Lead, theirs.id)
        assert by_select(tx) == set()
        with pytest.raises(InvalidRequestError):
            tx.refresh(loaded)
        with pytest.raises(InvalidRequestError):
            assert loaded.note is None  # a deferred column is a read of its own


def test_the_owner_refreshes_a_record_and_reads_its_deferred_columns(node: Node) -> None:
    lead = Lead(name="mine", owner_id=LAN.id, note="calls back on Monday")
    put(node, lead)
    with asking(node, LAN) as tx:
        found = find(tx, Lead, lead.id)
        tx.refresh(found)
        assert found.note == "calls back on Monday"
        tx.expire(found)
        assert found.name == "mine"


def test_a_system_block_ends_where_it_ends_also_by_an_error(node: Node) -> None:
    put(node, *leads_of(LAN))
    with asking(node, MINH) as tx:
        with pytest.raises(KeyError), as_system(tx, "a test"):
            assert len(by_select(tx)) == 1
            raise KeyError
        assert by_select(tx) == set()


def test_depths_may_differ_by_noun(node: Node) -> None:
    put(node, *leads_of(LAN, MINH), Account(name="A", owner_id=LAN.id), Account(name="B", owner_id=MINH.id))
    with asking(node, MINH, {"lead": "own", "account": "all"}) as tx:
        assert len(by_select(tx)) == 1
        assert len(tx.scalars(select(Account)).all()) == 2
        assert len(tx.execute(select(Lead.id, Account.id).join(Account, Account.owner_id != Lead.owner_id)).all()) == 1
    with asking(node, MINH, {"account": "all"}) as tx:
        assert by_select(tx) == set()
    knowing = Person(MINH.id, depths={"lead.read": "all", "account.read": "own"})
    with asking(node, knowing, None) as tx:
        assert len(by_select(tx)) == 2
        assert len(tx.scalars(select(Account)).all()) == 1


def test_an_unknown_depth_or_a_caller_without_a_proper_id_sees_nothing(node: Node) -> None:
    put(node, *leads_of(LAN), Lead(name="nobody's"))
    with asking(node, Person(LAN.id, depths={"lead.read": "everything"}), None) as tx:
        assert by_select(tx) == set()
    with asking(node, Person("public"), "below", teams=["x"]) as tx:
        assert by_select(tx) == set()


def test_records_without_owners_are_everybodys(node: Node) -> None:
    put(node, Label(text="hot"))
    with asking(node, LAN, "none") as tx:
        assert [label.text for label in tx.scalars(select(Label))] == ["hot"]
    with node.db.read() as tx:
        assert [label.text for label in tx.scalars(select(Label))] == ["hot"]


# --- writing is a right of its own ---


def test_seeing_a_lead_is_not_the_right_to_change_it(node: Node) -> None:
    mine, theirs = leads_of(LAN, MINH)
    put(node, mine, theirs)
    with asking(node, LAN, "all", write="own") as tx:
        require_write(tx, find(tx, Lead, mine.id))
        other = find(tx, Lead, theirs.id)
        assert not may_write(tx, other)
        with pytest.raises(NotAllowed):
            require_write(tx, other)
    with asking(node, LAN, "all") as tx:
        assert not may_write(tx, find(tx, Lead, mine.id)), "nobody granted it"


def test_refusing_to_change_what_one_cannot_see_looks_like_absence(node: Node) -> None:
    (theirs,) = leads_of(LAN)
    put(node, theirs)
    with asking(node, MINH, "own", write="own") as tx:
        with as_system(tx, "a test"):
            loaded = find(tx, Lead, theirs.id)
            require_write(tx, loaded)
        with pytest.raises(NotFound):
            require_write(tx, loaded)


def test_what_was_loaded_can_be_changed_and_deleted_by_a_flush(node: Node) -> None:
    (mine,) = leads_of(LAN)
    put(node, mine)
    with asking(node, LAN, "own", write="own") as tx:
        find(tx, Lead, mine.id).status = "working"
    with asking(node, LAN) as tx:
        lead = find(tx, Lead, mine.id)
        assert (lead.status, lead.version) == ("working", 2)
        tx.delete(lead)
    with asking(node, LAN) as tx:
        assert by_select(tx) == set()


# --- one property over all of it ---

people = [LAN, MINH, Person(new_id())]
TEAMS = [NORTH, HANOI, SOUTH]
owners = st.sampled_from([*(person.id for person in people), None])
teams = st.sampled_from([*TEAMS, None])
rows = st.lists(st.tuples(owners, teams, st.booleans(), st.booleans()), max_size=8)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_way_of_asking_shows_exactly_what_the_rule_says(engine: str, tmp_path: Path) -> None:
    with open_shop(engine, tmp_path) as node:

        @settings(max_examples=60 if engine == "sqlite" else 30)
        @given(
            rows=rows,
            asker=st.sampled_from(people),
            own_teams=st.frozensets(st.sampled_from(TEAMS)),
            below=st.frozensets(st.sampled_from(TEAMS)),
            depth=st.sampled_from(DEPTHS),
        )
        def check(rows: Any, asker: Person, own_teams: frozenset[str], below: frozenset[str], depth: str) -> None:
            seen_from(node.db, rows, Person(asker.id, below), own_teams, depth)

        check()


def seen_from(db: Database, rows: Any, asker: Person, own_teams: frozenset[str], depth: str) -> None:
    def reached(owner: str | None, team: str | None) -> bool:
        if depth in ("none", "all"):
            return depth == "all"
        wide = own_teams | asker.team_ids if depth == "below" else own_teams if depth == "team" else frozenset()
        return owner == asker.id or team in wide

    with db.begin() as tx:
        as_system(tx, "the property lays its rows")
        tx.execute(delete(Lead))
        tx.execute(delete(Account))
        account = Account(name="all see it", owner_id=asker.id)
        laid = [(Lead(name=str(n), owner_id=o, team_id=t), o, t, a, d) for n, (o, t, a, d) in enumerate(rows)]
        tx.add(account)
        tx.flush()
        for lead, _, _, attached, deleted in laid:
            lead.account_id = account.id if attached else None
            tx.add(lead)
            if deleted:
                soft_delete(tx, lead)
    visible = {lead.id for lead, owner, team, _, deleted in laid if not deleted and reached(owner, team)}
    attached = {lead.id for lead, _, _, attached, _ in laid if attached}
    with db.begin() as tx:
        acting(tx, asker, {"lead": depth, "account": "all"}, teams=own_teams)  # type: ignore[dict-item]
        for way in WAYS:
            assert way(tx) == visible, way.__name__
        assert tx.scalar(select(func.count()).select_from(Lead)) == len(visible)
        tx.expunge_all()
        assert {lead.id for lead, *_ in laid if tx.get(Lead, lead.id)} == visible
        tx.expunge_all()
        assert {lead.id for lead in tx.scalars(select(Account)).one().leads} == visible & attached
        joined = select(Lead.id).select_from(Account).join(Account.leads)
        assert set(tx.scalars(joined)) == visible & attached
        outer = select(Account.id, Lead.id).outerjoin(Account.leads)
        assert {lead_id for _, lead_id in tx.execute(outer) if lead_id} == visible & attached
        for lead, *_ in laid:
            if lead.id in visible:
                assert find(tx, Lead, lead.id).id == lead.id
