"""What the demo company needs to remember: its password, its partners' keys. In a file that only the operator reads."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.trouble import Trouble

FILE = "demo.json"


@dataclass
class Kept:
    """One ``password`` for all demo users; ``keys`` by partner; ``done`` when all of it has been loaded.

    ``told_at``: the moment up to which the company's past is told, in ISO 8601; a loading that goes on keeps it.
    """

    path: Path
    password: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    done: bool = False
    told_at: str = ""

    def save(self) -> None:
        """Write it down, whole or not at all."""
        content = {name: value for name, value in asdict(self).items() if name != "path"}
        draft = self.path.with_suffix(".part")
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)


def read_kept(folder: Path) -> Kept:
    """What is kept in this folder; with a new password when there is nothing yet. Raises Trouble."""
    path = folder / FILE
    if not path.exists():
        return Kept(path, password=f"thu-{secrets.token_urlsafe(9)}")
    try:
        return Kept(path, **json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise Trouble(f"{path} cannot be read: move it away, then try again") from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One loading of the demo company at a time; another one waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{FILE}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield
