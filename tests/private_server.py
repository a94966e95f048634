"""A server process of one's own: started, killed, frozen, thawed and removed with everything that it forked."""

import atexit
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self


@dataclass
class PrivateServer:
    """A server that only one test knows. Enter it to start it; leaving kills it and removes its data.

    ``kill``, ``freeze`` and ``thaw`` reach every process that it started. After ``kill`` or ``stop``, ``start`` brings
    it back on the same port with the same data.
    """

    name: str
    url: str
    folder: Path
    command: Sequence[str]
    answers: Callable[[str], None]
    ready_within_s: float
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    needs: "PrivateServer | None" = None  # started before and removed after; kill and freeze leave it alone
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        atexit.register(self.remove)  # also when the test run is interrupted between the blocks
        try:
            if self.needs is not None:
                self.needs.__enter__()
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    @property
    def log(self) -> Path:
        """What the server wrote about itself."""
        return self.folder / "server.log"

    @property
    def pids(self) -> list[int]:
        """Every living process of this server, the one we started first."""
        if self._process is None or self._process.poll() is not None:
            return []
        return _family(self._process.pid)

    def start(self) -> None:
        """Start it, and return when it answers; RuntimeError with the end of its log when it does not."""
        if self.pids:
            raise RuntimeError(f"{self.name} is running already")
        self._process = self._spawn()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return as soon as it answers."""
        deadline = time.monotonic() + self.ready_within_s
        while True:
            try:
                self.answers(self.url)
            except Exception as error:
                ended = not self.pids
                if ended or time.monotonic() > deadline:
                    what = "ended while starting" if ended else f"did not answer within {self.ready_within_s:.0f} s"
                    raise RuntimeError(f"{self.name} {what}: {error}\n{self._end_of_log()}") from error
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """Ask it to end, and wait for it; what still lives after 30 s is killed."""
        self.thaw()
        if self._process is not None:
            self._process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to all of it, at once."""
        # Stopped first, so that nobody forks or cleans up between our looking and our killing.
        pids = self._hold_still()
        _signal(pids, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(10)
            self._process = None
        deadline = time.monotonic() + 10
        while any(pid in pids for pid, _ in _processes()) and time.monotonic() < deadline:
            time.sleep(0.01)

    def freeze(self) -> None:
        """SIGSTOP to all of it: connections stay open and nobody answers."""
        self._hold_still()

    def thaw(self) -> None:
        """SIGCONT to all of it."""
        _signal(self.pids, signal.SIGCONT)

    def remove(self) -> None:
        """Kill it and remove its data; twice is once."""
        self.kill()
        if self.needs is not None:
            self.needs.remove()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.remove)

    def _hold_still(self) -> list[int]:
        held: list[int] = []
        while new := [pid for pid in self.pids if pid not in held]:
            _signal(new, signal.SIGSTOP)
            held += new
        return held

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                start_new_session=True,  # Ctrl-C at the tests is not for the servers: we end them ourselves
                user=self.user,
                group=group_of(self.user),
                extra_groups=None if self.user is None else [],
            )

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log.exists() else ""


def group_of(user: str | None) -> int | None:
    """The group that goes with this user; None for nobody in particular."""
    return None if user is None else pwd.getpwnam(user).pw_gid


def _family(pid: int) -> list[int]:
    """This process and all its descendants: servers put their children into sessions of their own."""
    family, processes = [pid], _processes()
    for member in family:  # grows while we walk it
        family += [child for child, parent in processes if parent == member]
    return family


def _processes() -> list[tuple[int, int]]:
    """Every process of the machine that is not a zombie, with its parent."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listing.splitlines()]
    return [(int(pid), int(parent)) for pid, parent, state, *_ in rows if not state.startswith("Z")]


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
