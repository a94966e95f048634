"""The same POST twice has one effect and one answer: the answer is stored in the transaction of the work itself.

A key belongs to its caller, the method and the path. Only 2xx answers are kept, at least 72 hours; ``prune`` forgets.
Two requests with one key at once: inside a process a registry turns the second away; between processes an advisory
lock does; and should both fail, the primary key lets only one of them commit.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, bindparam, delete, select
from sqlalchemy.orm import Session

from chassis import fast
from chassis.clock import UtcDateTime, utcnow
from chassis.database import chassis_metadata
from chassis.errors import BadRequest, Conflict, Invalid
from chassis.i18n import say

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = timedelta(hours=72)

idempotent_answers = Table(
    "idempotent_answers",
    chassis_metadata,
    Column("id", String(32), primary_key=True),  # hash of caller, method, path and key
    Column("caller", String(100), nullable=False),
    Column("fingerprint", String(32), nullable=False),  # hash of query and body
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
Index("idempotent_answers_created_at", idempotent_answers.c.created_at)

# One round trip takes the lock and looks for an answer. Its snapshot may be older than the lock: a twin that committed
# in between is not seen here, and is stopped by the primary key when this one stores its answer.
_CLAIM = (
    "SELECT pg_try_advisory_xact_lock(%(number)s) AS mine, a.fingerprint, a.status, a.headers, a.body"
    " FROM (SELECT 1) AS one LEFT JOIN idempotent_answers AS a ON a.id = %(id)s"
)
_STORE = (
    "INSERT INTO idempotent_answers (id, caller, fingerprint, status, headers, body, created_at) VALUES"
    " (%(id)s, %(caller)s, %(fingerprint)s, %(status)s, %(headers)s, %(body)s, %(created_at)s) ON CONFLICT DO NOTHING"
    " RETURNING true"
)
_LOOK_UP = select(idempotent_answers).where(idempotent_answers.c.id == bindparam("id"))


class KeyRunning(Conflict):
    """The first request with this key has not finished."""

    code = "key_running"


class KeyReused(Invalid):
    """This key came with another body before."""

    code = "key_reused"


class Overtaken(Exception):
    """A twin in another process committed first: roll back, run again, and its answer is found."""


@dataclass(slots=True, frozen=True)
class Key:
    """One caller's key for one route, and a fingerprint of what came with it."""

    id: str
    caller: str
    fingerprint: str

    @property
    def number(self) -> int:
        """The advisory lock's number."""
        return int.from_bytes(bytes.fromhex(self.id[:16]), "big", signed=True)


@dataclass(slots=True, frozen=True)
class Answer:
    """An answer as it left: status, the headers worth repeating, the bytes."""

    status: int
    headers: dict[str, str]
    body: bytes


_BARE = re.compile(r"[\x21\x23-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
_QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"')


def read_key(header: str) -> str:
    """The key in the header, bare or quoted (RFC 8941 string); raises BadRequest for anything else."""
    quoted = _QUOTED.fullmatch(header)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else header
    if len(key) > 255 or not (quoted or _BARE.fullmatch(key)):
        raise BadRequest(say("An Idempotency-Key has 1 to 255 printable characters."))
    return key


def key_of(*, caller: str, method: str, path: str, key: str, query: bytes, body: bytes, content_type: str) -> Key:
    """The identity of this request. A multipart body is compared without its boundary: clients draw a new one."""
    if content_type.startswith("multipart/"):
        match = re.search(r'boundary="?([^";]+)', content_type)
        body = body.replace(match[1].encode(), b"") if match else body
    identity = "\0".join((caller, method, path, key)).encode()
    return Key(
        id=hashlib.blake2b(identity, digest_size=16).hexdigest(),
        caller=caller[:100],
        fingerprint=hashlib.blake2b(query + b"\0" + body, digest_size=16).hexdigest(),
    )


class Running:
    """The keys at work in this process."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._guard = threading.Lock()

    @contextmanager
    def enter(self, key: Key) -> Iterator[bool]:
        """True when this request is the only one with its key; the key is free again when the block ends."""
        with self._guard:
            mine = key.id not in self._ids
            self._ids.add(key.id)
        try:
            yield mine
        finally:
            if mine:
                with self._guard:
                    self._ids.discard(key.id)


def claim(tx: Session, key: Key) -> Answer | None:
    """The stored answer, or None when the work is ours to do in this transaction.

    Raises KeyRunning while another transaction does it, KeyReused when the body is another one.
    """
    if tx.get_bind().dialect.name != "postgresql":
        return look_up(tx, key)  # a writing transaction on SQLite excludes every other one
    ((mine, fingerprint, status, headers, body),) = fast.run(tx, _CLAIM, {"number": key.number, "id": key.id})
    if fingerprint is not None:
        return _answer(key, fingerprint, status, headers, bytes(body))
    if not mine:
        raise running()
    return None


def look_up(tx: Session, key: Key) -> Answer | None:
    """The stored answer of this key, if there is one; raises KeyReused when the body is another one."""
    row = tx.execute(_LOOK_UP, {"id": key.id}).one_or_none()
    return _answer(key, row.fingerprint, row.status, row.headers, row.body) if row is not None else None


def running() -> KeyRunning:
    """409: come back in a moment."""
    return KeyRunning(say("The request with this key is still running."), headers={"Retry-After": "1"})


def _answer(key: Key, fingerprint: str, status: int, headers: str, body: bytes) -> Answer:
    if fingerprint != key.fingerprint:
        raise KeyReused(say("This key was used with another body."))
    return Answer(status, orjson.loads(headers), body)


def store(tx: Session, key: Key, answer: Answer) -> None:
    """Keep this answer if the transaction commits; raises Overtaken when a twin was faster."""
    row = {
        "id": key.id,
        "caller": key.caller,
        "fingerprint": key.fingerprint,
        "status": answer.status,
        "headers": orjson.dumps(answer.headers).decode(),
        "body": answer.body,
        "created_at": utcnow(),
    }
    if tx.get_bind().dialect.name != "postgresql":
        tx.execute(idempotent_answers.insert(), row)
    elif not fast.run(tx, _STORE, row):
        raise Overtaken


def prune(tx: Session, *, older_than: timedelta = KEPT, at_most: int = 5_000) -> int:
    """Forget answers older than 72 hours, some at a time. Answers how many; fewer than ``at_most`` means it is done."""
    old = select(idempotent_answers.c.id).where(idempotent_answers.c.created_at < utcnow() - older_than).limit(at_most)
    return int(tx.execute(delete(idempotent_answers).where(idempotent_answers.c.id.in_(old))).rowcount)  # type: ignore[attr-defined]
