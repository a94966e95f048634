"""PostgreSQL, RabbitMQ and Redis of one's own, for tests that kill and freeze: own port, own data, nothing left.

Reached through ``tests.servers``, which skips where the binaries are missing.
"""

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pika
import psycopg2
import redis

from tests.private_server import PrivateServer, group_of


@dataclass(frozen=True)
class Absent:
    """There is no such server here; ``why`` is a sentence for people."""

    why: str


def postgres_answers(url: str) -> None:
    """Raise unless a PostgreSQL answers at this URL within 3 s."""
    psycopg2.connect(url.replace("+psycopg2", "", 1), connect_timeout=3).close()


def amqp_answers(url: str) -> None:
    """Raise unless a RabbitMQ answers at this URL within 3 s."""
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.stack_timeout = parameters.blocked_connection_timeout = 3
    parameters.connection_attempts = 1
    pika.BlockingConnection(parameters).close()


def redis_answers(url: str) -> None:
    """Raise unless a Redis answers at this URL within 3 s."""
    with redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
        client.ping()


def postgres_server() -> PrivateServer | Absent:
    """A PostgreSQL cluster of its own, 200 connections, fsync on; URL of its maintenance database."""
    binaries = _postgres_binaries()
    if binaries is None:
        return Absent("no PostgreSQL server binaries (initdb, postgres) here, so none can be started to be killed")
    user = _unprivileged("postgres")
    if user is None and os.geteuid() == 0:
        return Absent("PostgreSQL does not run as root, and there is no user postgres here")
    folder, port = _own_folder("pg", user), _free_port()
    initdb = [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    made = subprocess.run(
        [*map(str, initdb), "--no-locale", "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        user=user,
        group=group_of(user),
        extra_groups=None if user is None else [],
    )
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise RuntimeError(f"initdb failed: {made.stderr[-500:]}")
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
        "max_connections": "200",
        "shared_buffers": "64MB",
    }
    return PrivateServer(
        name="PostgreSQL",
        url=f"postgresql+psycopg2://postgres@127.0.0.1:{port}/postgres",
        folder=folder,
        command=[
            *(str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port)),
            *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        ],
        answers=postgres_answers,
        ready_within_s=30,
        user=user,
        stop_signal=signal.SIGINT,  # "fast": disconnects clients; SIGTERM would wait for them
    )


def rabbitmq_server() -> PrivateServer | Absent:
    """A RabbitMQ node of its own beside any other: own name, ports and data, no plugins, guest/guest."""
    # Debian's /usr/sbin/rabbitmq-server is a wrapper that insists on its own folders.
    binary = shutil.which("rabbitmq-server", path="/usr/lib/rabbitmq/bin") or shutil.which("rabbitmq-server")
    if binary is None:
        return Absent("no rabbitmq-server binary here, so none can be started to be killed")
    user = _unprivileged("rabbitmq")
    # Erlang's port mapper is shared by all nodes of a machine. Where none runs we bring our own: one that the node
    # started itself would outlive it.
    mapper, own_mapper = 4369, None
    if not _listens(mapper):
        mapper = _free_port()
        own_mapper = _erlang_port_mapper(mapper)
    folder, port = _own_folder("mq", user), _free_port()
    (folder / "enabled_plugins").write_text("[].\n")
    (folder / "rabbitmq.conf").write_text(f"listeners.tcp.local = 127.0.0.1:{port}\nlog.console = true\n")
    environment = {
        "HOME": str(folder),  # its Erlang cookie
        "ERL_EPMD_PORT": str(mapper),
        "ERL_FLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_NODENAME": f"relata_test_{uuid4().hex[:12]}@localhost",
        "RABBITMQ_DIST_PORT": str(_free_port()),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
    }
    return PrivateServer(
        name="RabbitMQ",
        url=f"amqp://guest:guest@127.0.0.1:{port}/%2F",
        folder=folder,
        command=[binary],
        answers=amqp_answers,
        ready_within_s=90,
        user=user,
        environment=environment,
        needs=own_mapper,
    )


def redis_server() -> PrivateServer | Absent:
    """A Redis of its own that keeps nothing on disk."""
    binary = shutil.which("redis-server")
    if binary is None:
        return Absent("no redis-server binary here, so none can be started to be killed")
    folder, port = _own_folder("redis", None), _free_port()
    options = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": str(folder)}
    return PrivateServer(
        name="Redis",
        url=f"redis://127.0.0.1:{port}/0",
        folder=folder,
        command=[binary, *(part for name, value in options.items() for part in (f"--{name}", value))],
        answers=redis_answers,
        ready_within_s=15,
    )


def _erlang_port_mapper(port: int) -> PrivateServer:
    return PrivateServer(
        name="epmd",
        url=f"127.0.0.1:{port}",
        folder=_own_folder("epmd", None),
        command=["epmd", "-port", str(port), "-address", "127.0.0.1"],
        answers=lambda url: socket.create_connection((url.split(":")[0], int(url.split(":")[1])), timeout=1).close(),
        ready_within_s=5,
    )


def _postgres_binaries() -> Path | None:
    # Debian keeps them out of the PATH, a folder per major version.
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin/initdb") if path.parent.parent.name.isdigit()]
    if debian:
        return max(debian, key=lambda path: int(path.parent.parent.name)).parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _unprivileged(user: str) -> str | None:
    """The user to become when we are root, if this machine has it."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(user).pw_name
    return None


def _own_folder(name: str, user: str | None) -> Path:
    # Short: a Unix socket's path has 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix=f"relata-{name}-"))
    if user is not None:
        shutil.chown(folder, user)
    return folder


def _free_port() -> int:
    # Below the ports that the kernel gives to outgoing connections: one of those could take ours before the server has
    # started, or while it is dead.
    while True:
        port = random.randrange(10_000, 20_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
