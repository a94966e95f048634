"""What has been pushed so far, kept beside the input: a run that was killed anywhere goes on where it stopped."""

import fcntl
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self

from deploy.trouble import Trouble


@dataclass(frozen=True)
class Undertaking:
    """What is pushed, and how: another file, mapping or receiver is another undertaking.

    ``rows_at_once`` decides where chunks begin, so that a run that goes on keeps it.
    """

    file: str
    mapping: str
    to: str
    key: str
    rows_at_once: int

    @classmethod
    def of(cls, *, digest: str, mapping: str, base_url: str, key: str, rows_at_once: int) -> "Undertaking":
        """The key itself is never written down: only enough to tell it from another one."""
        return cls(digest, _hash(mapping), base_url, _hash(key)[:12], rows_at_once)

    def idempotency_key(self, chunk: int) -> str:
        """The same for the same chunk in every run, and in none else."""
        return "push-" + _hash(f"{self.file} {self.mapping} {self.rows_at_once} {chunk}")[:40]


@dataclass(frozen=True)
class Pushed:
    """A chunk that was taken in. ``errors`` are the rows that were refused at once: ``{row, pointer, message}``."""

    chunk: int
    batch_id: str
    accepted: int
    rejected: int
    errors: list[dict[str, Any]]


class Journal:
    """A line for each chunk, on disk before the next is pushed. One run at a time holds it."""

    def __init__(self, path: Path, undertaking: Undertaking) -> None:
        self.path = path
        self.undertaking = undertaking
        self.pushed: dict[int, Pushed] = {}
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        try:
            self._file = self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise Trouble(f"{self.path}, where the progress is kept, cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise Trouble(f"another run is pushing this file: it holds {self.path}") from error
        self._read()
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def note(self, pushed: Pushed) -> None:
        """Remember a chunk for good."""
        self.pushed[pushed.chunk] = pushed
        self._write(asdict(pushed))

    def _read(self) -> None:
        assert self._file is not None
        self._file.seek(0)
        whole = self._file.read()
        lines = whole.split("\n")
        # A kill in mid-write leaves a last line without its end: that chunk is pushed again, under the same key.
        self._file.truncate(len(whole.encode()) - len(lines.pop().encode()))
        try:
            entries = [json.loads(line) for line in lines]
            before = Undertaking(**entries[0]) if entries else None
            self.pushed = {entry["chunk"]: Pushed(**entry) for entry in entries[1:]}
        except (ValueError, TypeError, KeyError) as error:
            raise Trouble(f"{self.path} is no progress file of ours; name another with --state") from error
        if before is None:
            self._write(asdict(self.undertaking))
            return
        if before != self.undertaking:
            self._compare(before)
            self.undertaking = before

    def _compare(self, before: Undertaking) -> None:
        now = self.undertaking
        for what, old, new in (
            ("the file was another", before.file, now.file),
            ("the mapping was another", before.mapping, now.mapping),
            (f"it went to {before.to}", before.to, now.to),
            ("the key was another", before.key, now.key),
        ):
            if old != new:
                raise Trouble(
                    f"{self.path} belongs to an earlier push in which {what}; "
                    "finish that one first, or begin a new one with --state OTHER_FILE"
                )

    def _write(self, entry: dict[str, Any]) -> None:
        assert self._file is not None
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
