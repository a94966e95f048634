"""A service whose tables are projections in all three orders, and the feed beside it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.database import chassis_metadata
from chassis.deliver import deliver, run_due
from chassis.event import Envelope, Event, encode
from chassis.ids import new_id
from chassis.service import Node, Reaction, Service
from deploy.rebuild.shadow import Shadow
from services.channels.model import Base as ChannelsBase
from services.channels.service import CHANNELS
from tests.chassis.engines import open_node

SOURCE = "relata/shop"


class AccountChanged(Event):
    """An account has a new owner, and some money more or less."""

    type = "shop.account.changed.v1"
    account: str
    owner: str
    amount: int

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


tables = MetaData()
owners = Table("owners", tables, Column("account", String(50), primary_key=True), Column("owner", String(50)))
sums = Table("sums", tables, Column("account", String(50), primary_key=True), Column("total", Integer, nullable=False))
trails = Table("trails", tables, Column("account", String(50), primary_key=True), Column("trail", String(9000)))
other = Table("other", tables, Column("id", Integer, primary_key=True))


def _insert(tx: Session, table: Table) -> Any:
    return (postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert)(table)


def know_owner(tx: Session, envelope: Envelope) -> None:
    """Latest: who owns it now."""
    event = envelope.parse(AccountChanged)
    if event.owner == "nobody can be called so":
        raise ValueError("such an owner cannot be")
    row = {"account": event.account, "owner": event.owner}
    tx.execute(_insert(tx, owners).on_conflict_do_update(index_elements=["account"], set_={"owner": event.owner}), row)


def add_up(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Any: how much there is; an event that takes effect twice or never shows in the sum."""
    amounts: dict[str, int] = defaultdict(int)
    for envelope in envelopes:
        event = envelope.parse(AccountChanged)
        amounts[event.account] += event.amount
    upsert = _insert(tx, sums)
    more = {"total": sums.c.total + upsert.excluded.total}
    rows = [{"account": account, "total": amounts[account]} for account in sorted(amounts)]
    tx.execute(upsert.on_conflict_do_update(index_elements=["account"], set_=more), rows)


def write_trail(tx: Session, envelope: Envelope) -> None:
    """Strict: every owner, in order."""
    event = envelope.parse(AccountChanged)
    before = tx.scalar(select(trails.c.trail).where(trails.c.account == event.account))
    trail = event.owner if before is None else f"{before} {event.owner}"
    row = {"account": event.account, "trail": trail}
    tx.execute(_insert(tx, trails).on_conflict_do_update(index_elements=["account"], set_={"trail": trail}), row)


def meddle(tx: Session, envelope: Envelope) -> None:
    """No good projection: it writes where it may not."""
    tx.execute(other.insert(), {"id": envelope.sequence})


KNOW_OWNER = Reaction("ledger.know_owner", order="latest", to=(AccountChanged,), react=know_owner, projection=(owners,))
ADD_UP = Reaction("ledger.add_up", order="any", to=(AccountChanged,), react_many=add_up, projection=(sums,))
WRITE_TRAIL = Reaction(
    "ledger.write_trail", order="strict", to=(AccountChanged,), react=write_trail, projection=(trails,)
)
PROJECTIONS = (KNOW_OWNER, ADD_UP, WRITE_TRAIL)
LEDGER = Service(name="ledger", metadata=tables, reactions=PROJECTIONS)


@dataclass
class Stage:
    """A live ledger and the feed, and what has happened so far."""

    live: Node
    feed: Node
    happened: list[Envelope] = field(default_factory=list)
    _sequences: dict[str, int] = field(default_factory=dict)

    def clear(self) -> None:
        """Nothing has happened yet."""
        self.happened.clear()
        self._sequences.clear()
        self.live.service = LEDGER
        for reaction in PROJECTIONS:  # what an earlier test's rebuild left for the next one to go on with
            shadow = Shadow(self.live, reaction)
            shadow.drop()
            shadow.close()
        for node in (self.live, self.feed):
            with node.db.begin() as tx:
                for table in (*chassis_metadata.sorted_tables, *reversed(node.service.metadata.sorted_tables)):
                    tx.execute(delete(table))

    def happens(self, account: str, owner: str, amount: int = 1) -> Envelope:
        """A fact that nobody has heard yet."""
        event = AccountChanged(account=account, owner=owner, amount=amount)
        self._sequences[account] = self._sequences.get(account, 0) + 1
        bare: dict[str, Any] = {
            "id": new_id(),
            "source": SOURCE,
            "type": event.type,
            "subject": event.subject,
            "sequence": self._sequences[account],
            "time": utcnow(),
            "data": event.model_dump(mode="json"),
            "correlation_id": new_id(),
        }
        envelope = Envelope(**bare, body=encode(Envelope(**bare)))
        self.happened.append(envelope)
        return envelope

    def to_live(self, *envelopes: Envelope) -> None:
        """The live ledger hears of it."""
        deliver(self.live, envelopes)
        while run_due(self.live):
            pass

    def to_feed(self, *envelopes: Envelope) -> None:
        """The feed hears of it."""
        deliver(self.feed, envelopes)

    def rows(self, table: Table) -> dict[str, Any]:
        """What the live projection says, by account."""
        with self.live.read() as tx:
            return {row[0]: row[1] for row in tx.execute(select(table))}

    def truth(self, table: Table) -> dict[str, Any]:
        """What it must say once all has been heard, worked out in another way."""
        events = [envelope.parse(AccountChanged) for envelope in self.happened]
        accounts = {event.account for event in events}
        of = {account: [event for event in events if event.account == account] for account in accounts}
        match table.name:
            case "owners":
                return {account: of[account][-1].owner for account in accounts}
            case "sums":
                return {account: sum(event.amount for event in of[account]) for account in accounts}
            case _:
                return {account: " ".join(event.owner for event in of[account]) for account in accounts}


@contextmanager
def open_stage(engine: str, folder: Path) -> Iterator[Stage]:
    """A stage on databases of its own."""
    feed_service = Service(
        name="channels",
        metadata=ChannelsBase.metadata,
        reactions=tuple(each for each in CHANNELS.reactions if each.name == "channels.append_to_feed"),
    )
    with ExitStack() as stack:
        live = stack.enter_context(open_node(engine, folder, LEDGER))
        feed = stack.enter_context(open_node(engine, folder, feed_service))
        yield Stage(live, feed)
