"""Each service's database: reachable, migrated, its clock, its connections, and what has piled up in it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Table, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from chassis.clock import db_now, utcnow
from chassis.deliveries import CLAIMABLE, DeliveryState, deliveries
from chassis.inbox import DUE, State, inbox
from chassis.migrate import pending
from chassis.outbox import outbox
from chassis.parked import count_parked
from chassis.service import Node, Service
from chassis.settings import Settings
from deploy.doctor.finding import Finding, ok, problem, reason, warning
from deploy.installation import SERVICES
from deploy.pools import most_connections

# Younger than this is work under way, not a backlog.
OLD_S = 60.0
CLOCKS_DIFFER_S = 1.0
CROWDED = 0.9
MIGRATE = "run `relata migrate`, or start Relata, which does it"


def examine_databases(settings: Settings) -> Iterator[Finding]:
    """Every service's database, one after the other."""
    connected = None
    for service in SERVICES:
        if not _exists(settings.database_url_of(service.name)):
            yield warning(f"{service.name}: there is no database yet", MIGRATE)
            continue
        node = Node(service, settings, pool_size=1)
        try:
            yield from _one(node)
            connected = connected or node.db.dialect == "postgresql"
        except SQLAlchemyError as error:
            yield problem(
                f"{service.name}: its database cannot be read ({reason(error)})",
                "start the server, or correct RELATA_DATABASE_URL",
            )
        finally:
            node.close()
    if connected:
        yield from _connections(settings)


def _exists(url: str) -> bool:
    # Opening a file that is not there would make it, and a look leaves nothing behind.
    return not url.startswith("sqlite") or Path(make_url(url).database or "").exists()


def _one(node: Node) -> Iterator[Finding]:
    if pending(node):
        yield problem(f"{node.name}: its database lacks a migration that this version needs", MIGRATE)
        return
    with node.read() as tx:
        yield ok(f"{node.name}: its database answers and is up to date")
        yield from _clock(tx, node.service)
        yield from _backlog(tx, node.service)


def _clock(tx: Session, service: Service) -> Iterator[Finding]:
    asked = utcnow()
    there = tx.scalars(select(db_now(tx))).one()
    middle = asked + (utcnow() - asked) / 2
    apart = abs((there - middle).total_seconds())
    if apart > CLOCKS_DIFFER_S:
        yield warning(f"{service.name}: the database's clock differs from this machine's by {apart:.1f} s", "use NTP")


def _backlog(tx: Session, service: Service) -> Iterator[Finding]:
    quiet = True
    for what, rows, since, where, do in (
        (
            "events wait to be sent",
            outbox,
            outbox.c.created_at,
            outbox.c.sent_at.is_(None) & outbox.c.parked_at.is_(None),
            "is the relay running, and the broker reachable?",
        ),
        ("events wait to be handled", inbox, inbox.c.received_at, inbox.c.state.in_(DUE), _worker(service)),
        (
            "events wait for an earlier one about the same subject",
            inbox,
            inbox.c.received_at,
            inbox.c.state == State.WAITING,
            "look what they wait for with `relata parked list`",
        ),
        (
            "calls to the outside wait",
            deliveries,
            deliveries.c.created_at,
            deliveries.c.state.in_(CLAIMABLE),
            "is the courier running, and the receiver reachable?",
        ),
    ):
        finding = _pile(tx, service, what, rows, since, where, do)
        if finding is not None:
            quiet = False
            yield finding
    if parked := count_parked(tx):
        quiet = False
        yield warning(
            f"{service.name}: {parked} events are parked", f"look at them with `relata parked list {service.name}`"
        )
    given_up = tx.scalar(select(func.count()).where(deliveries.c.state == DeliveryState.PARKED)) or 0
    if given_up:
        quiet = False
        yield warning(f"{service.name}: {given_up} calls to the outside were given up", "replay or drop them")
    if quiet:
        yield ok(f"{service.name}: nothing has piled up")


def _worker(service: Service) -> str:
    return f"is the worker of {service.name} running?"


def _pile(
    tx: Session, service: Service, what: str, rows: Table, since: Any, where: ColumnElement[bool], do: str
) -> Finding | None:
    """None when nothing waits; fine when all of it is young."""
    count, oldest = tx.execute(select(func.count(), func.min(since)).select_from(rows).where(where)).one()
    if not count:
        return None
    age = _age(oldest)
    text = f"{service.name}: {count} {what}, the oldest for {_spoken(age)}"
    return warning(text, do) if age > OLD_S else ok(text)


def _age(since: datetime) -> float:
    return max(0.0, (utcnow() - since).total_seconds())


def _spoken(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _connections(settings: Settings) -> Iterator[Finding]:
    node = Node(SERVICES[0], settings, pool_size=1)
    try:
        with node.read() as tx:
            used, ours, most = _counted(tx, settings)
            cleans_up = tx.connection().exec_driver_sql("SHOW autovacuum").scalar() == "on"
    except SQLAlchemyError as error:
        yield problem(f"PostgreSQL's connections cannot be counted ({reason(error)})", "look at the server's log")
        return
    finally:
        node.close()
    if not cleans_up:
        yield warning("PostgreSQL: autovacuum is off, so tables keep the room of deleted rows", "switch autovacuum on")
    needed = most_connections(settings)
    others = used - ours
    text = f"PostgreSQL: {used} of {most} connections are in use; a busy fleet needs {needed} beside {others} of others"
    raise_it = "raise max_connections, or lower RELATA_HTTP_POOL"
    if others + needed > most:
        yield problem(text, raise_it)
    elif others + needed > most * CROWDED:
        yield warning(text, raise_it)
    else:
        yield ok(text)


def _counted(tx: Session, settings: Settings) -> tuple[int, int, int]:
    """Connections in use, those of them on our databases, and how many there may be."""
    ask: Callable[[str], Any] = lambda sql: tx.connection().exec_driver_sql(sql)  # noqa: E731
    names = [settings.database_url_of(service.name).rsplit("/", 1)[1].split("?")[0] for service in SERVICES]
    most = int(ask("SHOW max_connections").scalar()) - int(ask("SHOW superuser_reserved_connections").scalar())
    rows = ask("SELECT datname, count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1").all()
    return sum(count for _, count in rows), sum(count for name, count in rows if name in names), most
