"""A process per face on this machine, watched and restarted: one log view, one status line a face."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.settings import Settings
from deploy.installation import NAMES
from deploy.ports import must_be_free

LOCAL = {
    "RELATA_DATABASE_URL": "postgresql+psycopg2://postgres@127.0.0.1:5432/relata_{service}",
    "RELATA_BUS_URL": "amqp://guest:guest@127.0.0.1:5672/%2F",
    "RELATA_CACHE_URL": "redis://127.0.0.1:6379/0",
}
STOP_WITHIN_S = 30.0
STATUS_EVERY_S = 30.0
SLOWEST_RESTART_S = 5.0


def with_local_servers(environment: dict[str, str]) -> dict[str, str]:
    """The environment, with the standard local ports where a server is not named."""
    return LOCAL | environment


def faces() -> list[tuple[str, ...]]:
    """Every face of the fleet, in the order in which they are started."""
    workers = [("work", name) for name in NAMES]
    return [("relay",), *workers, ("courier",), *(("http", name) for name in reversed(NAMES))]


@dataclass
class Face:
    """One process and what became of it."""

    name: tuple[str, ...]
    process: subprocess.Popen[str] | None = None
    restarts: int = 0
    started_at: float = 0.0
    next_start: float = 0.0
    pause: float = field(default=0.5)

    @property
    def label(self) -> str:
        """``http:sales``."""
        return ":".join(self.name)


class Fleet:
    """Starts the faces, starts again what ends, and stops all when told to."""

    def __init__(self, settings: Settings, environment: dict[str, str]) -> None:
        self.settings = settings
        self.environment = environment | {"PYTHONUNBUFFERED": "1", "RELATA_SUPERVISOR": str(os.getpid())}
        self.faces = [Face(name) for name in faces()]
        self.stopping = threading.Event()
        self._width = max(len(face.label) for face in self.faces)

    def run(self) -> None:
        """Watch until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self.stopping.set())
        last_status = 0.0
        while not self.stopping.is_set():
            changed = self._tend()
            if changed or time.monotonic() - last_status > STATUS_EVERY_S:
                last_status = time.monotonic()
                self._status()
            self.stopping.wait(0.25)
        self._stop()

    def _tend(self) -> bool:
        changed = False
        for face in self.faces:
            now = time.monotonic()
            if face.process is not None and face.process.poll() is not None:
                self._say(face, f"ended with {face.process.returncode}; starting again in {face.pause:.1f} s")
                face.process = None
                face.restarts += 1
                face.next_start = now + face.pause
                # A face that keeps ending is started less often; one that ran a minute has earned a fresh start.
                long_lived = now - face.started_at > 60
                face.pause = 0.5 if long_lived else min(face.pause * 2, SLOWEST_RESTART_S)
                changed = True
            if face.process is None and now >= face.next_start:
                self._start(face)
                changed = True
        if changed:
            self._write_state()
        return changed

    def _start(self, face: Face) -> None:
        face.started_at = time.monotonic()
        face.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.face", *face.name],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        threading.Thread(target=self._follow, args=(face, face.process), daemon=True).start()

    def _follow(self, face: Face, process: subprocess.Popen[str]) -> None:
        if process.stdout is None:
            return
        for line in process.stdout:
            self._say(face, line.rstrip())

    def _say(self, face: Face, line: str) -> None:
        sys.stdout.write(f"{face.label:<{self._width}} | {line}\n")
        sys.stdout.flush()

    def _status(self) -> None:
        for face in self.faces:
            alive = face.process is not None and face.process.poll() is None
            pid = face.process.pid if face.process is not None and alive else "-"
            age = int(time.monotonic() - face.started_at) if alive else 0
            self._say(face, f"{'up' if alive else 'down'}  pid {pid}  for {age} s  restarts {face.restarts}")

    def _write_state(self) -> None:
        state: dict[str, Any] = {
            face.label: {"pid": face.process.pid, "restarts": face.restarts} for face in self.faces if face.process
        }
        path = Path(self.settings.var) / "fleet.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(state))
        temporary.replace(path)

    def _stop(self) -> None:
        running = [face for face in self.faces if face.process is not None and face.process.poll() is None]
        for face in running:
            if face.process is not None:
                face.process.terminate()
        deadline = time.monotonic() + STOP_WITHIN_S
        for face in running:
            if face.process is None:
                continue
            try:
                face.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(face, "did not stop in time: killed")
                face.process.kill()


def run_fleet(settings: Settings) -> None:
    """Bring the databases up to date, then run the fleet until SIGTERM."""
    environment = with_local_servers(dict(os.environ))
    must_be_free(settings.host, settings.port)
    migrated = subprocess.run([sys.executable, "-m", "deploy.cli", "migrate"], env=environment, check=False)
    if migrated.returncode != 0:  # which it has said itself
        raise SystemExit(migrated.returncode)
    Fleet(settings, environment).run()
