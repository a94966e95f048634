"""A real Tryton for tests: its own Python, a company made once, a copy of it for each run on a free port.

Everything is kept under ``$XDG_CACHE_HOME/relata`` (``~/.cache/relata``): Tryton is GPL and runs as a process of its
own, never imported by us. Where it cannot be fetched the test is skipped with a sentence; with ``CI=true`` it fails.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from tests import servers
from tests.tryton.client import TrytonClient

PACKAGES = (
    "trytond[postgresql]~=8.2.0",
    "proteus~=8.2.0",
    *(f"trytond-{name}~=8.2.0" for name in ("sale", "account-invoice", "account-statement")),
)
MODULES = ("sale", "account_invoice", "account_statement")
USER, PASSWORD = "relata", "mat-khau-relata-2026"
UP_WITHIN_S = 90.0
HERE = Path(__file__).parent
Engine = Literal["sqlite", "postgresql"]


class CannotBeHad(Exception):
    """No Tryton here; the message says why."""


@dataclass
class Server:
    """Tryton's process."""

    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to serve; it answers a moment later."""
        with self.log.open("ab") as output:
            # Its children outlive it unless they are told as well: a group of their own.
            self.process = subprocess.Popen(self.command, stdout=output, stderr=output, start_new_session=True)

    def stop(self) -> None:
        """Nobody answers any more."""
        process, self.process = self.process, None
        if process is None:
            return
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, how)
                process.wait(10)
                break
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                break


@dataclass(frozen=True)
class Tryton:
    """A running Tryton. ``client`` is signed in as the user that Relata is given: the tests' own eye on the ERP.

    ``server`` is stopped and started as by somebody who maintains it.
    """

    url: str
    database: str
    client: TrytonClient
    server: Server

    @property
    def settings(self) -> dict[str, Any]:
        """What a connection to it is made with."""
        return {"url": self.url, "database": self.database, "user": USER, "password": PASSWORD}


@contextmanager
def open_tryton(folder: Path, engine: Engine = "sqlite") -> Iterator[Tryton]:
    """A Tryton of one's own; skips, or fails where CI=true, when none can be had."""
    try:
        home = _home()
        template = _company(home, engine)
    except CannotBeHad as why:
        if os.environ.get("CI") == "true":
            pytest.fail(f"Tryton: {why}")
        pytest.skip(f"Tryton: {why}")
    database, port = f"erp_{uuid4().hex[:10]}", _free_port()
    with _copied(home, engine, template, database, folder) as config_lines:
        config = _write_config(folder / f"{database}.conf", config_lines, port)
        command = [str(home / "venv/bin/trytond"), "-c", str(config), "-d", database]
        with _serving(Server(command, folder / f"{database}.log")) as server:
            url = f"http://127.0.0.1:{port}"
            with _until_it_answers(url, database) as client:
                yield Tryton(url, database, client, server)


@cache
def _home() -> Path:
    """Where this Tryton and its companies are kept; fetched if it is not there. Raises CannotBeHad."""
    mark = hashlib.sha256("\n".join((*PACKAGES, sys.version.split()[0])).encode()).hexdigest()[:12]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "relata" / f"tryton-{mark}"
    base.mkdir(parents=True, exist_ok=True)
    with _alone(base):
        if not (base / "fetched").exists():
            _run([sys.executable, "-m", "venv", "--clear", str(base / "venv")], "cannot make its environment")
            pip = [str(base / "venv/bin/pip"), "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
            _run(pip, "cannot be fetched from the package index")
            (base / "fetched").touch()
    return base


def _company(home: Path, engine: Engine) -> str:
    """The name of the database that runs are copied from, made if it is not there."""
    mark = hashlib.sha256((HERE / "company.py").read_bytes()).hexdigest()[:8]
    name = f"relata_tryton_{mark}"
    with _alone(home):
        if engine == "sqlite":
            if not (home / f"{name}.sqlite").exists():
                (home / "making.sqlite").unlink(missing_ok=True)
                (home / "making.sqlite").touch()
                _make_company(home, "making", [f"uri = sqlite://\npath = {home}"])
                (home / "making.sqlite").rename(home / f"{name}.sqlite")
        elif not _exists(name):
            _server_does(f'DROP DATABASE IF EXISTS "{name}_making"')
            _server_does(f'CREATE DATABASE "{name}_making" TEMPLATE template0')
            _make_company(home, f"{name}_making", [f"uri = {_postgres_uri()}"])
            _server_does(f'ALTER DATABASE "{name}_making" RENAME TO "{name}"')
    return name


def _make_company(home: Path, database: str, lines: list[str]) -> None:
    config = _write_config(home / "making.conf", lines, 0)
    (home / "password").write_text(PASSWORD + "-admin")
    environment = {**os.environ, "TRYTONPASSFILE": str(home / "password")}
    admin = [str(home / "venv/bin/trytond-admin"), "-c", str(config), "-d", database]
    made = "cannot make its company"
    _run([*admin, "--all", "--email", "admin@example.com"], made, environment)
    _run([*admin, "-u", *MODULES, "--activate-dependencies"], made, environment)
    _run([str(home / "venv/bin/python"), str(HERE / "company.py"), str(config), database, PASSWORD], made)


@contextmanager
def _copied(home: Path, engine: Engine, template: str, database: str, folder: Path) -> Iterator[list[str]]:
    """A copy of the company for one run; answers the lines of the configuration that name it."""
    if engine == "sqlite":
        shutil.copyfile(home / f"{template}.sqlite", folder / f"{database}.sqlite")
        yield [f"uri = sqlite://\npath = {folder}"]
        return
    _server_does(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
    try:
        yield [f"uri = {_postgres_uri()}"]
    finally:
        _server_does(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _write_config(path: Path, database: list[str], port: int) -> Path:
    sections = ["[database]", *database, "[web]", f"listen = 127.0.0.1:{port}", "[queue]", "worker = False"]
    path.write_text("\n".join([*sections, "[email]", "uri = smtp://127.0.0.1:9", ""]))
    return path


@contextmanager
def _serving(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def _until_it_answers(url: str, database: str) -> Iterator[TrytonClient]:
    deadline = time.monotonic() + UP_WITHIN_S
    while True:
        try:
            client = TrytonClient(url, database, USER, PASSWORD)
            break
        except httpx.HTTPError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"Tryton does not answer after {UP_WITHIN_S:.0f} s") from error
            time.sleep(0.1)
    with client:
        yield client


def _run(command: list[str], what: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise CannotBeHad(f"{what}: {' '.join(last)}")


@contextmanager
def _alone(base: Path) -> Iterator[None]:
    with (base / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _postgres_uri() -> str:
    url = make_url(servers.postgres_url())
    return url.set(drivername="postgresql", database="").render_as_string(hide_password=False).rstrip("/") + "/"


def _exists(name: str) -> bool:
    engine = create_engine(servers.postgres_url(), poolclass=NullPool)
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}))


def _server_does(statement: str) -> None:
    engine = create_engine(servers.postgres_url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
