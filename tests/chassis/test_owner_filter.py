"""A statement that goes past the owner filter is refused, whatever it is made of."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import delete, exists, func, insert, inspect, literal_column, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.access import UnmarkedStatement, acting, as_system, find
from chassis.ids import new_id
from chassis.owner_filter import Guard
from chassis.service import Node
from tests.chassis.engines import ENGINES
from tests.chassis.records_of_a_shop import Account, Label, Lead, Person, metadata, open_shop

LAN, MINH = Person(new_id()), Person(new_id())


@pytest.fixture(params=ENGINES)
def node(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Node]:
    with open_shop(request.param, tmp_path) as node:
        yield node


def put(node: Node, *records: Any) -> None:
    with node.db.begin() as tx:
        as_system(tx, "the test puts records there")
        tx.add_all(records)


leads = inspect(Lead).local_table
ESCAPES: dict[str, Any] = {
    "core select": select(leads),
    "core columns": select(leads.c.id),
    "core count": select(func.count()).select_from(leads),
    "core join": select(Account.id).join(leads, leads.c.account_id == Account.id),
    "core table beside an entity": select(Lead.id, leads.alias("others").c.name),
    "core subquery": select(Account.id).where(Account.id.in_(select(leads.c.account_id))),
    "core union": select(Account.id).union(select(leads.c.id)),
    "text": text("SELECT id FROM leads"),
    "quoted text": text('SELECT id FROM "leads"'),
    "shouted text": text("SELECT ID FROM LEADS"),
    "text alias": text("SELECT l.id FROM leads l"),
    "text after a comma": text("SELECT 1 FROM labels,leads"),
    "text inside an orm query": select(Account.id).where(text("EXISTS (SELECT 1 FROM leads)")),
    "literal column": select(Account.id, literal_column("(SELECT count(*) FROM leads)")),
    "from_statement": select(Lead).from_statement(text("SELECT * FROM leads")),
    "from_statement of core": select(Lead).from_statement(select(leads)),
    "bulk update": update(Lead).values(status="lost"),
    "bulk delete": delete(Lead),
    "bulk insert": insert(Lead).values(name="x", version=1),
    "update by text": text("UPDATE leads SET status = 'lost'"),
    "update from": update(Label).values(text=select(leads.c.name).limit(1).scalar_subquery()),
}


@pytest.mark.filterwarnings("ignore:SELECT statement has a cartesian product")
@pytest.mark.parametrize("name", ESCAPES)
def test_what_escapes_the_filter_is_refused(node: Node, name: str) -> None:
    statement = ESCAPES[name]
    options = {"synchronize_session": False} if name.startswith(("bulk", "update")) else {}
    for depth in ("none", "own", "all"):
        with pytest.raises(UnmarkedStatement), node.db.begin() as tx:
            acting(tx, LAN, depth)
            tx.execute(statement, execution_options=options)
    with pytest.raises(UnmarkedStatement), node.db.begin() as tx:
        tx.execute(statement, execution_options=options)
    with node.db.begin() as tx:
        as_system(tx, "a test")
        tx.execute(statement, execution_options=options)
        tx.rollback()


def test_a_table_that_only_a_where_names_is_filtered_or_refused(node: Node) -> None:
    put(node, Account(name="A", owner_id=MINH.id), Lead(name="B", owner_id=LAN.id))
    statements: list[Any] = [
        select(Account.id).where(Lead.owner_id != Account.owner_id),
        select(Account.id).where(exists().where(Lead.owner_id != Account.owner_id)),
        select(func.count()).where(Lead.owner_id == LAN.id),
    ]
    for statement in statements:
        with node.db.begin() as tx:
            acting(tx, MINH, "own")
            try:
                assert tx.execute(statement).all() in ([], [(0,)])
            except UnmarkedStatement:
                tx.rollback()


def test_nobody_asking_is_an_error(node: Node) -> None:
    lead = Lead(name="A", owner_id=LAN.id)
    put(node, lead)
    asks: list[Callable[[Session], object]] = [
        lambda tx: tx.scalars(select(Lead)).all(),
        lambda tx: tx.get(Lead, lead.id),
        lambda tx: find(tx, Lead, lead.id),
    ]
    for ask in asks:
        with pytest.raises(UnmarkedStatement), node.db.read() as tx:
            ask(tx)


def test_a_flush_is_no_way_around_it(node: Node) -> None:
    """Writing an object is let through; a statement beside it in the same transaction is not."""
    with node.db.begin() as tx:
        acting(tx, LAN, "own")
        tx.add(Lead(name="A", owner_id=LAN.id))
        tx.flush()
        with pytest.raises(UnmarkedStatement):
            tx.execute(update(Lead).values(status="lost"))
        tx.rollback()
    with node.db.sessions() as tx:
        acting(tx, LAN, "own")
        tx.add(Lead(name=None, owner_id=LAN.id))
        with pytest.raises(IntegrityError):
            tx.flush()
        tx.rollback()
        with pytest.raises(UnmarkedStatement):
            tx.execute(text("SELECT id FROM leads"))


def test_a_bare_connection_is_refused_unless_it_says_why(node: Node) -> None:
    with node.db.engine.connect() as connection:
        with pytest.raises(UnmarkedStatement):
            connection.exec_driver_sql("SELECT * FROM leads")
        connection.rollback()
        connection.execution_options(relata_unfiltered="a migration moves data")
        connection.exec_driver_sql("SELECT * FROM leads")


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        ("SELECT count(*) AS leads FROM labels", False),
        ("SELECT lead_scores.leads_id FROM lead_scores", False),
        ("SELECT leads.id FROM (SELECT 1 AS id) AS leads", False),
        ("SELECT x FROM leads /* seen: leads */", False),
        ("SELECT x FROM leads /* seen: accounts */", True),
        ("SELECT x FROM leads, leads AS l /* seen: leads */", True),
        ('SELECT x FROM public."leads"', True),
        ("SELECT x FROM\nleads", True),
        ("INSERT INTO leads(id) VALUES (1)", True),
        ("SELECT x FROM leads FOR UPDATE OF leads /* seen: leads */", False),
    ],
)
def test_the_guard_reads_sql(sql: str, refused: bool) -> None:
    assert bool(Guard(metadata).bare(sql)) is refused
