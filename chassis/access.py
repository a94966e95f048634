"""Who asks, and which rows of the Owned tables they see. Two layers, both in ``owner_filter``: a filter and a guard.

The filter goes into each ORM SELECT of a session, relationship loads included, and renders with a mark, an SQL comment
that names its table. The guard reads the SQL of every statement on the engine: one that names an Owned table more often
than it carries that table's mark is refused. So what escapes the filter (Core, ``text()``, bulk updates,
``from_statement``, a table that only a WHERE mentions) is an error in the first test that runs it, and never a leak.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import Uuid
from sqlalchemy.orm import Mapped, Session, mapped_column

from chassis.errors import NotAllowed, NotFound
from chassis.records import Record

# How far a right reaches. ``team``: the asker's own teams; ``below``: those and every team under them.
Depth = Literal["none", "own", "team", "below", "all"]
Depths = Depth | Mapping[str, Depth]

# Execution option of a statement (or of a connection) that may touch every row; its value says why.
UNFILTERED = "relata_unfiltered"
WITH_DELETED = "relata_with_deleted"


class UnmarkedStatement(TypeError):
    """A statement touches an Owned table past the owner filter, or nobody said who asks. A bug, not bad input."""


class Asker(Protocol):
    """What access needs of a Caller.

    ``team_ids`` has the teams below in it; ``depths`` maps ``"<noun>.<act>"`` to a depth.
    """

    @property
    def id(self) -> str: ...
    @property
    def team_ids(self) -> frozenset[str]: ...
    @property
    def depths(self) -> Mapping[str, str]: ...


class Owned(Record):
    """Mixin of a record that belongs to somebody: every read is filtered by who asks.

    Give the table an index that begins with ``owner_id``, or every list of a salesperson reads the whole table.
    """

    owner_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), info={"owned": True})
    team_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))


@dataclass(slots=True, frozen=True)
class System:
    """The product itself acts (a reaction, a job, the command line); ``reason`` says why it may see every row."""

    reason: str


@dataclass(slots=True, frozen=True)
class Access:
    """An asker, and how far their rights reach per noun and act. Made by ``acting``."""

    asker_id: str | None
    team_ids: frozenset[str]
    below_ids: frozenset[str]
    depths: Mapping[str, str]
    given: Mapping[str, Depths]
    # What the owner filter has worked out for this asker.
    remembered: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def depth(self, noun: str, act: str) -> str:
        """How far the right to do this to that kind of record reaches; ``none`` for whatever nobody has granted."""
        given = self.given.get(act)
        if given is None:
            return self.depths.get(f"{noun}.{act}", "none")
        return given if isinstance(given, str) else given.get(noun, "none")

    def reaches(self, noun: str, owner_id: str | None, team_id: str | None, act: str) -> bool:
        """Whether the right to do this reaches a record of this noun, owner and team."""
        depth = self.depth(noun, act)
        if depth == "all":
            return True
        if depth not in ("own", "team", "below"):
            return False
        if owner_id is not None and owner_id == self.asker_id:
            return True
        teams = {"team": self.team_ids, "below": self.below_ids}.get(depth, frozenset())
        return team_id is not None and team_id in teams


def acting(
    tx: Session,
    caller: Asker,
    read: Depths | None = None,
    *,
    write: Depths | None = None,
    teams: Collection[str] = (),
) -> None:
    """From here on this transaction sees what the caller may see.

    ``read`` and ``write`` are a depth for everything or one per noun (a noun left out: none); left out altogether, the
    caller's own ``depths`` count. ``teams`` are the caller's own teams, for depth ``team``; the caller's ``team_ids``
    have those below in them and serve ``below``.
    """
    given = {act: depths for act, depths in (("read", read), ("write", write)) if depths is not None}
    own_teams = frozenset(filter(None, map(_uuid, teams)))
    below = frozenset(filter(None, map(_uuid, caller.team_ids)))
    tx.info["access"] = Access(_uuid(caller.id), own_teams, below | own_teams, caller.depths, given)


def as_system(tx: Session, reason: str) -> AbstractContextManager[None]:
    """From here on this transaction sees and writes every row, for the stated reason.

    Used as ``with as_system(tx, "duplicates are looked for among everybody's leads"):`` it ends with the block.
    """
    before = tx.info.get("access")
    tx.info["access"] = System(reason)
    return _until_done(tx, before)


@contextmanager
def _until_done(tx: Session, before: Access | System | None) -> Iterator[None]:
    try:
        yield
    finally:
        tx.info["access"] = before


def access_of(tx: Session) -> Access | System:
    """Who asks in this transaction; raises UnmarkedStatement when nobody has said."""
    access = tx.info.get("access")
    if access is None:
        raise UnmarkedStatement("nobody has said who asks: call acting(tx, caller) or as_system(tx, reason)")
    return cast(Access | System, access)


R = TypeVar("R", bound=Record)


def find(tx: Session, model: type[R], record_id: str, *, lock: bool = False, deleted: bool = False) -> R:
    """The record with this id, or NotFound: absent, deleted and not the asker's to see look alike.

    ``lock`` keeps others from changing it until the transaction ends; ``deleted`` finds deleted records as well.
    """
    key = _uuid(record_id)
    options: dict[str, Any] = {WITH_DELETED: True} if deleted else {}
    record = tx.get(model, key, with_for_update=lock or None, execution_options=options) if key else None
    # The session may hold a record that it loaded as system, or that was handed over or deleted since.
    if record is None or (record.deleted_at is not None and not deleted) or not may(tx, record, "read"):
        raise NotFound()
    return record


def may(tx: Session, record: Record, act: str) -> bool:
    """Whether the asker's right to this act reaches the record. Who may what with ownerless records is up to routes."""
    if not isinstance(record, Owned):
        return True
    access = access_of(tx)
    return isinstance(access, System) or access.reaches(record.__noun__, record.owner_id, record.team_id, act)


def may_write(tx: Session, record: Record) -> bool:
    """Whether the asker may change this record."""
    return may(tx, record, "write")


def require(tx: Session, record: Record, act: str) -> None:
    """Refuse unless the asker may do this: NotFound for what they cannot even see, NotAllowed for what they can."""
    if may(tx, record, act):
        return
    raise NotAllowed() if may(tx, record, "read") else NotFound()


def require_write(tx: Session, record: Record) -> None:
    """Refuse unless the asker may change this record; see ``require``."""
    require(tx, record, "write")


def _uuid(text: object) -> str | None:
    """An id in its one spelling; None for what is no id, which then equals nothing."""
    try:
        return str(UUID(cast(str, text)))
    except (ValueError, AttributeError, TypeError):
        return None
