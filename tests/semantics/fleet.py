"""The services under test as processes on RabbitMQ and PostgreSQL, watched and restarted as a fleet is."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, delete, func, make_url, select, text
from sqlalchemy.exc import OperationalError

from chassis import topology
from chassis.context import Context
from chassis.database import chassis_metadata
from chassis.event import Envelope
from chassis.inbox import DUE, inbox
from chassis.leases import leases
from chassis.outbox import emit, outbox
from chassis.parked import list_parked, replay
from chassis.service import Node
from chassis.settings import Settings
from tests.semantics.model import Story
from tests.semantics.shop import OrderEvent, Tries, shop, taker
from tests.semantics.stage import kill
from tests.semantics.verdict import check_effects, check_emitted, check_slow

ROOT = Path(__file__).resolve().parent.parent.parent
RETRY_SCALE = 1e-4  # the last of the six tries comes 2 s after the fifth
PATIENCE_S = 60.0


@dataclass
class Member:
    """One process of the fleet; ``wanted`` ones are started again when they end."""

    kind: str
    name: str
    process: subprocess.Popen[bytes]
    wanted: bool = True
    ends: list[int] = field(default_factory=list)


class Fleet:
    """Workers of the taker and relays of the shop, by name; the test itself is what calls the shop."""

    def __init__(
        self, folder: Path, bus_url: str, postgres_url: str, members: tuple[Sequence[str], Sequence[str]], many: bool
    ) -> None:
        self.folder, self.many = folder, many
        self.workers, self.relays = members
        prefix = f"relata_test_{uuid4().hex[:10]}"
        base = make_url(postgres_url).set(database=f"{prefix}_")
        template = base.render_as_string(hide_password=False) + "{service}"
        self.bus_url, self.prefix = bus_url, prefix
        self.settings = {
            "database_url": template,
            "bus_url": bus_url,
            "prefix": prefix,
            "retry_scale": RETRY_SCALE,
            "batch": 50,
        }
        self.tries = Tries(folder / "tries")
        self.receiver = taker(self.tries, kill, many=many, slow=True)
        settings = Settings(**self.settings)  # type: ignore[arg-type]
        self._server = create_engine(postgres_url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)
        self._in_server('CREATE DATABASE "{name}"')
        self.shop = Node(shop(), settings, pool_size=4)
        self.taker = Node(self.receiver, settings, pool_size=4)
        for node in (self.shop, self.taker):
            chassis_metadata.create_all(node.db.engine)
            node.service.metadata.create_all(node.db.engine)
        topology.declare(bus_url, prefix, [self.shop.service, self.receiver])
        self.members: dict[str, Member] = {}
        self.story = Story()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    # --- processes ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start all members and wait until the workers consume."""
        for kind, names in (("worker", self.workers), ("relay", self.relays)):
            for name in names:
                self.members[name] = Member(kind, name, self._spawn(kind, name))
        self._watcher.start()
        self.until_workers_consume()

    def _spawn(self, kind: str, name: str) -> subprocess.Popen[bytes]:
        told = {"settings": self.settings, "folder": str(self.folder), "many": self.many}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.semantics.process", kind, json.dumps(told)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _watch(self) -> None:
        while not self._closing.wait(0.2):
            with self._lock:
                for member in self.members.values():
                    code = member.process.poll()
                    if member.wanted and code is not None:
                        member.ends.append(code)
                        member.process = self._spawn(member.kind, member.name)

    def kill(self, name: str) -> None:
        """SIGKILL; it is started again."""
        with self._lock:
            self.members[name].process.kill()

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> int:
        """End it by this signal; answers its exit code. It stays away until ``bring_back``."""
        with self._lock:
            member = self.members[name]
            member.wanted = False
        member.process.send_signal(number)
        return member.process.wait(40)

    def bring_back(self, *names: str) -> None:
        """Start stopped workers again, and wait until they consume."""
        with self._lock:
            for name in names:
                member = self.members[name]
                member.process = self._spawn(member.kind, name)
                member.wanted = True
        self.until_workers_consume()

    def until_workers_consume(self) -> None:
        """Return when every worker listens to every queue."""
        wanted = len(self.workers)
        self.until(lambda: all(consumers == wanted for _, consumers in self.depths().values()), "workers consume")

    def ends(self) -> list[int]:
        """How members ended so far, by exit code (a negative one is a signal), those that were asked to left out."""
        return [code for member in self.members.values() for code in member.ends]

    def close(self) -> None:
        """End everything and remove what it made."""
        self._closing.set()
        if self._watcher.is_alive():
            self._watcher.join(5)
        for member in self.members.values():
            member.process.kill()
            member.process.wait(10)
        self.shop.close()
        self.taker.close()
        with suppress(topology.BrokerError, OSError):
            topology.remove(self.bus_url, self.prefix, [self.receiver])
        with suppress(OperationalError):
            self._in_server('DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._server.dispose()

    def _in_server(self, statement: str) -> None:
        with self._server.connect() as connection:
            for service in ("shop", "taker"):
                connection.execute(text(statement.replace("{name}", f"{self.prefix}_{service}")))

    # --- what is told, and what became of it -------------------------------------------------------------------------

    def tell(self, *events: OrderEvent, at_once: int = 20) -> list[Envelope]:
        """The shop emits these, some in each transaction."""
        told = []
        for start in range(0, len(events), at_once):
            with self.shop.begin(Context.fresh("test")) as tx:
                told += [emit(tx, event) for event in events[start : start + at_once]]
        self.story.events += told
        return told

    def clear(self) -> None:
        """Forget the last story; only when everything is at rest."""
        for node in (self.shop, self.taker):
            with node.db.begin() as tx:
                for metadata in (chassis_metadata, node.service.metadata):
                    for table in metadata.sorted_tables:
                        if table is not leases:
                            tx.execute(delete(table))
        for file in self.tries.folder.iterdir():
            file.unlink()
        (self.folder / "arrivals").unlink(missing_ok=True)
        for member in self.members.values():
            member.ends.clear()
        self.story = Story()

    def arrivals(self) -> Counter[str]:
        """How many messages the workers were given: ``fresh`` and ``again``."""
        return Counter(kind for _, kind, _ in self._arrivals())

    def taken_twice(self) -> int:
        """How many messages a worker was given although one had been given them before, twins of the relay included.

        ``again`` alone says less: what was on its way to a consumer that is just being cancelled, the broker takes
        back and marks as redelivered, and nobody ever saw it.
        """
        given = Counter((queue, event_id) for queue, _, event_id in self._arrivals())
        return sum(times - 1 for times in given.values())

    def _arrivals(self) -> list[list[str]]:
        file = self.folder / "arrivals"
        return [line.split() for line in file.read_text().splitlines()] if file.exists() else []

    def depths(self) -> dict[str, tuple[int, int]]:
        """By queue: ready messages and consumers."""
        try:
            return topology.depth(self.bus_url, self.prefix, [self.receiver]) or {"none yet": (0, 0)}
        except (topology.BrokerError, OSError):
            return {"the broker is away": (0, 0)}

    def ready(self, queue: str) -> int:
        """How many messages of this queue (``inbox`` or ``slow``) nobody has in hand."""
        return self.depths().get(f"{self.prefix}.taker.{queue}", (0, 0))[0]

    def until(self, condition: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> float:
        """Wait for it; answers how long it took."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > within_s:
                raise AssertionError(f"not within {within_s:.0f} s: {what}\n{self.diary()}")
            time.sleep(0.05)
        return time.monotonic() - began

    def until_it_is_as_the_model_says(self, within_s: float = PATIENCE_S) -> None:
        """Wait until effects, emitted events and the model agree; then look again, for what came too much."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                self._check()
                break
            except AssertionError as difference:
                if time.monotonic() > deadline:
                    raise AssertionError(f"{difference}\n{self.diary()}") from difference
            time.sleep(0.25)
        time.sleep(0.5)
        self._check()

    def _check(self) -> None:
        check_effects(self.taker, self.story)
        check_slow(self.taker, self.story)
        check_emitted(self.shop, self.taker, self.story)

    def heal_and_replay_everything(self) -> None:
        """An operator repairs whatever is parked."""
        for event in self.story.events:
            if event.data["fates"]:
                self.tries.heal(event.data["label"])
                self.story.healed.add(event.data["label"])
        # A try that had begun before the repair may park after the first look.
        self.until(self._nothing_is_left_after_a_replay, "whatever is parked is replayed")

    def _nothing_is_left_after_a_replay(self) -> bool:
        with self.taker.begin(Context.fresh("operator")) as tx:
            left = list_parked(tx, kind="inbox", limit=1000)
            for parked in left:
                replay(tx, parked.ref, by="operator")
            return not left and not tx.scalar(select(func.count()).where(inbox.c.state.in_(DUE)))

    def connect_again(self) -> None:
        """The database was killed: forget the test's own connections to it."""
        for node in (self.shop, self.taker):
            node.db.engine.dispose()

    def has_all_effects(self, told: Sequence[Envelope]) -> bool:
        """Whether every reaction, in both queues, has handled these."""
        ids = [event.id for event in told]
        done = select(func.count()).select_from(inbox).where(inbox.c.event_id.in_(ids), inbox.c.handled_at.is_not(None))
        with self.taker.read() as tx:
            return tx.scalar(done) == len(self.receiver.reactions) * len(ids)

    def until_tried(self, label: str, reaction: str) -> None:
        """Wait until a reaction has begun to try this event."""
        self.until(lambda: self.tries.counted(label, reaction) > 0, f"{label} is tried")

    def effects(self) -> int:
        """How many pairs of event and reaction are finished."""
        with self.taker.read() as tx:
            return tx.scalar(select(func.count()).select_from(inbox).where(inbox.c.handled_at.is_not(None))) or 0

    def unsent(self) -> int:
        """How many events the relay has not sent."""
        with self.shop.read() as tx:
            return tx.scalar(select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))) or 0

    def log(self, name: str) -> str:
        """What a member has written."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def diary(self) -> str:
        """For a failed test: states, queues and the ends of the logs."""
        try:
            with self.taker.read() as tx:
                counts = select(inbox.c.reaction, inbox.c.state, func.count())
                states = str(tx.execute(counts.group_by(inbox.c.reaction, inbox.c.state)).all())
        except Exception as error:
            states = repr(error)
        logs = "\n".join(f"--- {name}\n{self.log(name)[-1500:]}" for name in self.members)
        return f"inbox: {states}\nqueues: {self.depths()}\narrivals: {self.arrivals()}\nends: {self.ends()}\n{logs}"


@contextmanager
def fleet(
    folder: Path,
    bus_url: str,
    postgres_url: str,
    *,
    workers: Sequence[str] = ("one", "two"),
    relays: Sequence[str] = ("left", "right"),
    many: bool = True,
) -> Iterator[Fleet]:
    """A running fleet with databases and queues of its own on these servers; nothing stays."""
    running = Fleet(folder, bus_url, postgres_url, (workers, relays), many)
    try:
        running.start()
        yield running
    finally:
        running.close()
