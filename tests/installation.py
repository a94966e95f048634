"""A whole Relata as a user starts it, embedded or as a fleet, for stories, faults and benchmarks."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import httpx
from sqlalchemy import create_engine, make_url, text

from chassis.topology import remove
from deploy.installation import NAMES, all_services
from tests import servers

ADMIN_EMAIL = "admin@example.com"
ADMIN_PASSWORD = "a-password-for-tests"
UP_WITHIN_S = 240.0
ROOT = Path(__file__).resolve().parent.parent


_reserved: list[IO[str]] = []


def free_ports(count: int) -> int:
    """The first of up to 80 neighbouring free ports, which no other test run takes while this process lives.

    An installation that is stopped and started again needs them meanwhile, and the suites beside it look for some, too.
    """
    locks = Path(tempfile.gettempdir()) / "relata-test-ports"
    locks.mkdir(exist_ok=True)
    # Below the ports that systems give to outgoing connections.
    for first in range(20_000, 32_000, 80):
        lock = (locks / str(first)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        _reserved.append(lock)
        return first
    raise RuntimeError("no free ports")


@dataclass
class Installation:
    """A running product. ``url`` is the gateway's; ``process`` what was started; ``pids`` the faces of a fleet."""

    kind: str
    folder: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "relata.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until a lead could come in."""
        command = [sys.executable, "-m", "deploy.cli", "up" if self.kind == "embedded" else "fleet"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_up()

    def wait_until_up(self) -> None:
        """Every service ready behind the gateway."""
        deadline = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"relata ended with {self.process.returncode}:\n{self.tail()}")
            try:
                # Somebody else may answer there, and ours have ended because of that.
                if self._ready() and (self.process is None or self.process.poll() is None):
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"relata is not up after {UP_WITHIN_S:.0f} s:\n{self.tail()}")

    def _ready(self) -> bool:
        if httpx.get(f"{self.url}/ready", timeout=2).status_code != 200:
            return False
        if self.kind == "embedded":
            return True
        first = self.port
        return all(
            httpx.get(f"http://127.0.0.1:{first + place}/ready", timeout=2).status_code == 200
            for place in range(1, len(NAMES))
        )

    @property
    def pids(self) -> dict[str, int]:
        """The processes of a fleet by face (``work:sales``); of the embedded product just ``up``."""
        if self.kind == "embedded":
            return {"up": self.process.pid} if self.process else {}
        state = json.loads((self.folder / "var" / "fleet.json").read_text())
        return {label: entry["pid"] for label, entry in state.items()}

    def kill(self) -> None:
        """kill -9 of everything at once, as a power cut would."""
        if self.process is not None and self.process.poll() is None:
            pids = list(self.pids.values())
            self.process.kill()
            self.process.wait()
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        self.process = None

    def stop(self) -> int | None:
        """SIGTERM, and wait. Answers the exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()
                return None
        code = self.process.returncode
        self.process = None
        return code

    def tail(self, lines: int = 60) -> str:
        """The end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def run(self, *command: str, within: float = 120) -> str:
        """What the command line prints, run as an operator of this installation would; ``within`` is in seconds."""
        line = [sys.executable, "-m", "deploy.cli", *command]
        done = subprocess.run(
            line, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=within, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def client(self, **headers: str) -> httpx.Client:
        """A client of the public API, without a credential unless a header brings one."""
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)

    def sign_in(self, email: str = ADMIN_EMAIL, password: str = ADMIN_PASSWORD) -> httpx.Client:
        """A client signed in as this person."""
        with self.client() as door:
            answer = door.post("/auth/token", data={"grant_type": "password", "username": email, "password": password})
        assert answer.status_code == 200, answer.text
        return self.client(authorization=f"Bearer {answer.json()['access_token']}")


@contextmanager
def installation(kind: str, folder: Path, **settings: str) -> Iterator[Installation]:
    """A running Relata, ``embedded`` or ``fleet``; its databases, queues and processes are removed afterwards.

    ``settings`` go into its environment, ``admin_password`` as ``RELATA_ADMIN_PASSWORD``; one that is "" is not set.
    """
    mark = uuid4().hex[:8]
    prefix = f"relata-test-{mark}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RELATA_")}
    port = free_ports(80)
    environment |= {
        "RELATA_PORT": str(port),
        "RELATA_VAR": str(folder / "var"),
        "RELATA_DEMO": "0",
        "RELATA_ADMIN_EMAIL": ADMIN_EMAIL,
        "RELATA_ADMIN_PASSWORD": ADMIN_PASSWORD,
        "RELATA_PREFIX": prefix,
    }
    if kind == "embedded":
        environment["RELATA_DATABASE_URL"] = f"sqlite:///{folder}/var/{{service}}.db"
    else:
        server = settings.pop("postgres", "") or servers.postgres_url()
        environment["RELATA_DATABASE_URL"] = f"{server.rsplit('/', 1)[0]}/relata_test_{mark}_{{service}}"
        environment["RELATA_BUS_URL"] = settings.pop("amqp", "") or servers.amqp_url()
        environment["RELATA_CACHE_URL"] = settings.pop("redis", "") or servers.redis_url()
    if kind == "fleet":
        environment["RELATA_HTTP_POOL"] = "4"  # two fleets at once share PostgreSQL's hundred connections
    environment |= {f"RELATA_{name.upper()}": value for name, value in settings.items()}
    environment = {name: value for name, value in environment.items() if value or not name.startswith("RELATA_")}
    relata = Installation(kind, folder, port, environment)
    try:
        relata.start()
        yield relata
    finally:
        relata.stop()
        if kind == "fleet":
            _clean_up(environment, mark, prefix)


def _clean_up(environment: dict[str, str], mark: str, prefix: str) -> None:
    url = make_url(environment["RELATA_DATABASE_URL"].replace("{service}", "x")).set(database="postgres")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT datname FROM pg_database WHERE datname LIKE :name"), {"name": f"relata_test_{mark}_%"}
        )
        for (name,) in found.all():
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    engine.dispose()
    remove(environment["RELATA_BUS_URL"], prefix, all_services())


def eventually(look: Any, *, within: float = 15.0, every: float = 0.05) -> Any:
    """Look again and again until the answer is true; answers it. What crosses services takes a moment."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s; the last look gave {found!r}")
        time.sleep(every)


def partner_key(admin: httpx.Client, name: str = "Đối tác") -> str:
    """A new partner's key that may push leads."""
    partner = admin.post("/partners", json={"name": f"{name} {uuid4().hex[:8]}"})  # a name is taken only once
    assert partner.status_code == 201, partner.text
    wanted = {"name": f"{name}: key", "scopes": ["leads:push"], "partner_id": partner.json()["id"]}
    key = admin.post("/keys", json=wanted)
    assert key.status_code == 201, key.text
    return str(key.json()["secret"])
