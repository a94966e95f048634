"""The servers of docker-compose.yml on this machine's own binaries, with the file's commands, settings and secrets.

What their images do before they start them (make the first user with the password of a file) is done here.
"""

import shutil
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql
from sqlalchemy import make_url

from tests.containers.compose import DEPLOY, Container
from tests.private_server import PrivateServer
from tests.servers import private_postgres, private_rabbitmq, private_redis

if TYPE_CHECKING:
    from tests.containers.running import Running


def start_server(running: "Running", container: Container) -> None:
    """Start this one; its port and its folder are known from then on."""
    start = {"postgres": _postgres, "rabbitmq": _rabbitmq, "redis": _redis}[container.name]
    start(running, container)


def _take(running: "Running", container: Container, server: PrivateServer, port: int) -> None:
    running.servers[container.name] = server
    running.ports[container.name, port] = int(make_url(server.url).port or 0)
    running.grant(container)
    for path in (server.folder / "secrets", *(server.folder / "secrets").iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o444)


def _postgres(running: "Running", container: Container) -> None:
    server = private_postgres()
    _take(running, container, server, 5432)
    server.command = [*server.command, *container.command[1:]]
    # As the image's: nobody comes over the network without a password. The test itself does, to make the first user.
    lines = ["local all all trust", "local replication all trust"]
    lines += ["host all postgres 127.0.0.1/32 trust", "host all all 127.0.0.1/32 scram-sha-256"]
    (server.folder / "data" / "pg_hba.conf").write_text("\n".join(lines) + "\n")
    server.__enter__()
    connection = psycopg2.connect(server.url.replace("+psycopg2", ""))
    password = (server.folder / "secrets" / "database-password").read_text()
    with connection, connection.cursor() as cursor:
        made = sql.SQL("CREATE ROLE {} SUPERUSER LOGIN PASSWORD {}")
        cursor.execute(made.format(sql.Identifier(container.environment["POSTGRES_USER"]), sql.Literal(password)))
    connection.close()


def _rabbitmq(running: "Running", container: Container) -> None:
    server = private_rabbitmq()
    _take(running, container, server, 5672)
    (server.folder / "run").mkdir()
    if server.user is not None:
        shutil.chown(server.folder / "run", server.user)
    said = running.local("rabbitmq", (DEPLOY / "rabbitmq" / "rabbitmq.conf").read_text())
    said = said.replace("listeners.tcp.default = ", "listeners.tcp.default = 127.0.0.1:")
    (server.folder / "rabbitmq.conf").write_text(f"{said}prometheus.tcp.ip = 127.0.0.1\n")
    shutil.copy(DEPLOY / "rabbitmq" / "enabled_plugins", server.folder / "enabled_plugins")
    own = server.command[0]
    words = [running.local("rabbitmq", word) for word in container.command]
    server.command = [word.replace("docker-entrypoint.sh rabbitmq-server", own) for word in words]
    added = {name: running.local("rabbitmq", value) for name, value in container.environment.items()}
    server.environment = {**server.environment, **added}
    server.url = server.url.replace("guest:guest", f"relata:{running.secret('bus-password')}")
    server.__enter__()


def _redis(running: "Running", container: Container) -> None:
    server = private_redis()
    _take(running, container, server, 6379)
    words = [running.local("redis", word) for word in container.command]
    server.command = [word.replace("\nport ", "\nbind 127.0.0.1\nport ") for word in words]
    server.url = server.url.replace("redis://", f"redis://:{running.secret('cache-password')}@")
    server.__enter__()
