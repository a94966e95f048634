"""`docker compose up` without Docker: every container's command as a process, names and ports mapped to this machine.

A process is given what its container would be: its environment and nothing else, under /run/secrets just the secrets
it is granted. PostgreSQL, RabbitMQ, Redis and Prometheus are real ones with the file's commands and configuration.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.containers.compose import DEPLOY, SERVERS, Container, containers, faces
from tests.containers.stand_ins import start_server
from tests.installation import free_ports
from tests.private_server import PrivateServer

WELL_WITHIN_S = 600.0
ENDED_WELL = "service_completed_successfully"
PORTS = {"postgres": (5432,), "rabbitmq": (5672, 15692), "redis": (6379,), "prometheus": (9090,)}
OUR_PORTS = (8000, 9000)


@dataclass
class Running:
    """The containers as processes. ``image`` stands for /opt/relata, ``secrets`` for the operator's folder."""

    folder: Path
    image: Path
    secrets: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    servers: dict[str, PrivateServer] = field(default_factory=dict)
    ports: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = [(name, port) for name in containers() for port in PORTS.get(name, OUR_PORTS)]
        first = free_ports(len(wanted))
        self.ports = {place: first + number for number, place in enumerate(wanted)}

    def home(self, name: str) -> Path:
        """What this container has to itself."""
        return self.servers[name].folder if name in self.servers else self.folder / name

    def log(self, name: str) -> str:
        """What it has printed."""
        path = self.servers[name].log if name in self.servers else self.home(name) / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def secret(self, name: str) -> str:
        """What one of the files says."""
        return (self.secrets / name).read_text()

    def local(self, name: str, text: str) -> str:
        """What is said in a container's terms, in this machine's."""
        home = self.home(name)
        for (host, port), mapped in self.ports.items():
            text = re.sub(rf"(?<![\w-]){host}:{port}\b", f"127.0.0.1:{mapped}", text)
        for port in PORTS.get(name, OUR_PORTS):
            text = re.sub(rf"(?<!\d){port}(?!\d)", str(self.ports[name, port]), text)
        text = re.sub(r"=:(\d+)", r"=127.0.0.1:\1", text).replace("0.0.0.0", "127.0.0.1")
        places = {"/run/secrets": "secrets", "/run/rabbitmq": "run", "/etc/prometheus": "etc", "=/prometheus": "=tsdb"}
        for place, here in {**places, "/var/lib/relata": "var"}.items():
            if place.startswith("="):
                text = text.replace(place, f"={home}/{here[1:]}")
            else:
                text = text.replace(place, f"{home}/{here}")
        return text

    def environment_of(self, container: Container) -> dict[str, str]:
        """Its environment, and a path to its programs."""
        own = {name: self.local(container.name, value) for name, value in container.environment.items()}
        path = f"{self.image}/bin:/usr/bin:/bin" if container.is_ours else os.environ["PATH"]
        return own | {"PATH": path, "HOME": str(self.home(container.name))}

    def up(self, name: str) -> None:
        """Start it, and before it what it waits for; return when nothing more is known to be missing."""
        if name in self.processes or name in self.servers:
            return
        container = containers()[name]
        for other, condition in container.waits_for.items():
            self.up(other)
            self._wait(other, condition)
        if name in SERVERS:
            start_server(self, container)
        else:
            self.grant(container)
            self._spawn(container)

    def grant(self, container: Container) -> None:
        """Its secrets, where it looks for them."""
        folder = self.home(container.name) / "secrets"
        folder.mkdir(parents=True, exist_ok=True)
        for secret in container.secrets:
            shutil.copy(self.secrets / secret, folder / secret)

    def wait_until_all_are_well(self) -> None:
        """As ``--wait`` does."""
        for name in self.processes:
            self._wait(name, ENDED_WELL if name == "migrate" else "service_healthy")

    def is_well(self, name: str) -> bool:
        """What its own health check says just now."""
        container = containers()[name]
        command = [self.local(name, word) for word in container.health_check]
        environment = self.environment_of(container)
        if name in self.servers:
            environment = {**os.environ, **self.servers[name].environment}
            environment["PATH"] = f"/usr/lib/rabbitmq/bin:{environment['PATH']}"
        user = self.servers[name].user if name in self.servers else None
        run = subprocess.run
        try:
            done = run(command, env=environment, cwd="/", capture_output=True, check=False, timeout=60, user=user)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    def down(self, names: Sequence[str] = ()) -> Mapping[str, int | None]:
        """SIGTERM, the last first, each with its grace; how each ended, None when it had to be killed."""
        codes: dict[str, int | None] = {}
        chosen = [name for name in reversed(self.processes) if not names or name in names]
        for name in chosen:
            self.processes[name].terminate()
        for name in chosen:
            process = self.processes.pop(name)
            grace = int(containers()[name].said.get("stop_grace_period", "10s").removesuffix("s"))
            with suppress(subprocess.TimeoutExpired):
                process.wait(grace)
            if process.poll() is None:
                process.kill()
                process.wait()
                codes[name] = None
            else:
                codes[name] = process.returncode
        return codes

    def remove_servers(self) -> None:
        """And their data."""
        for server in self.servers.values():
            server.remove()

    def _spawn(self, container: Container) -> None:
        home = self.home(container.name)
        for folder in ("var", "etc", "tsdb"):
            (home / folder).mkdir(exist_ok=True)
        command = [self.local(container.name, word) for word in container.command]
        if container.name == "prometheus":
            command = ["prometheus", *command]
            write_prometheus_configuration(self)
        with (home / "log").open("ab") as log:
            self.processes[container.name] = subprocess.Popen(
                [shutil.which(command[0], path=self.environment_of(container)["PATH"]) or command[0], *command[1:]],
                cwd=home / "var",
                env=self.environment_of(container),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait(self, name: str, condition: str) -> None:
        deadline = time.monotonic() + WELL_WITHIN_S
        process = self.processes.get(name)
        while time.monotonic() < deadline:
            code = process.poll() if process else None
            if condition == ENDED_WELL and code == 0:
                return
            if code is not None:
                raise RuntimeError(f"{name} ended with {code}:\n{self.log(name)[-3000:]}")
            if condition != ENDED_WELL and self.is_well(name):
                return
            time.sleep(0.3)
        raise RuntimeError(f"{name} is not well after {WELL_WITHIN_S:.0f} s:\n{self.log(name)[-3000:]}")


def write_prometheus_configuration(running: Running) -> None:
    """The file's own, with an address for each name, and all periods a second long."""
    text = running.local("prometheus", (DEPLOY / "prometheus" / "prometheus.yml").read_text())
    said = yaml.safe_load(text.replace("15s", "1s"))
    jobs = {job["job_name"]: job for job in said["scrape_configs"]}
    places = {name: f"127.0.0.1:{running.ports[name, 9000]}" for name in faces()}
    del jobs["relata"]["dns_sd_configs"], jobs["alive"]["relabel_configs"]
    jobs["relata"]["static_configs"] = [
        {"targets": [place], "labels": {"__meta_dns_name": name}} for name, place in places.items()
    ]
    jobs["alive"]["static_configs"] = [
        {"targets": [place], "labels": {"face": name, "instance": name}} for name, place in places.items()
    ]
    etc = running.home("prometheus") / "etc"
    (etc / "prometheus.yml").write_text(yaml.safe_dump(said))
    rules = (DEPLOY / "prometheus" / "rules.yml").read_text()
    (etc / "rules.yml").write_text(re.sub(r"\bfor: \d+m", "for: 1s", rules))


@contextmanager
def running_containers(folder: Path, image: Path, secrets: Path) -> Iterator[Running]:
    """Everything but Grafana, well; gone afterwards, whatever happens."""
    running = Running(folder, image, secrets)
    with ExitStack() as ending:
        ending.callback(running.remove_servers)
        ending.callback(running.down)
        for name in ["gateway", "relay", *(name for name in containers() if name not in {"prometheus", "grafana"})]:
            running.up(name)
        running.wait_until_all_are_well()
        yield running
