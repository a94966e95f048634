"""Lists: each noun publishes its filters and sorts, and a cursor walks it without skipping or repeating.

    LEADS = Listing(
        model=Lead,
        sorts=("created_at", "updated_at"),
        default_sort="-created_at",
        filters={"status": Filter(Lead.status, LeadStatus), "owner_id": Filter(Lead.owner_id)},
    )

    @router.get("/leads", listing=LEADS)
    def list_leads(tx: Session, asked: ListRequest) -> Page[LeadView]:
        return LEADS.page(tx, asked, LeadView.of)

The position after the last row is its sort value and id, so rows that come and go meanwhile shift nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, PrivateAttr, ValidationError
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.cursors import Key, beyond, binding_of, read_cursor, read_position, write_cursor
from chassis.errors import FieldError, Invalid
from chassis.filters import Custom, Filter, FilterBy
from chassis.i18n import complaint, say
from chassis.search import Search as RankedSearch

V = TypeVar("V")

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
EXACT_TO = 10_000
_OWN = ("limit", "cursor", "sort", "q", "count", "fields", "include")

Search = Callable[[str], ColumnElement[bool] | tuple[ColumnElement[bool], ColumnElement[int]]]


class Page(BaseModel, Generic[V]):
    """Part of a list. ``next_cursor`` is null on the last page; ``total`` only when ``count=true`` asked for it."""

    items: list[V]
    next_cursor: str | None = None
    total: int | Literal["10000+"] | None = None

    _fields: frozenset[str] | None = PrivateAttr(default=None)

    def to_json(self) -> bytes:
        """The page as it leaves: shaped by ``fields=``, ``total`` left out when nobody asked."""
        include: Any = {"items": {"__all__": self._fields} if self._fields else True, "next_cursor": True}
        if self.total is not None:
            include["total"] = True
        return self.model_dump_json(include=include).encode()


@dataclass(slots=True, frozen=True)
class ListRequest:
    """What was asked of a list, checked. Made by the chassis and handed to the route's function."""

    caller: Caller
    limit: int
    sort: str
    where: tuple[ColumnElement[bool], ...]
    q: str | None
    count: bool
    fields: frozenset[str] | None
    include: frozenset[str]
    binding: str
    after: tuple[Any, ...] | None


@dataclass(slots=True, frozen=True)
class NeededIndex:
    """An index of ``table`` that begins with ``columns``, and what for."""

    table: str
    columns: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Listing:
    """What one noun publishes. ``sorts`` are columns of ``model``, ``search`` answers ``q``, ``custom`` ``custom.…``.

    ``search(q)`` gives a condition, or a condition and an integer rank of which the smallest comes first.
    """

    model: Any
    sorts: Collection[str]
    default_sort: str
    filters: Mapping[str, FilterBy] = field(default_factory=dict)
    search: Search | None = None
    custom: Custom | None = None
    includes: Collection[str] = ()

    def __post_init__(self) -> None:
        if self.default_sort.removeprefix("-") not in self.sorts:
            raise TypeError(f"{self.model.__name__}: the default sort is not among the sorts")
        if taken := set(self.filters) & set(_OWN):
            raise TypeError(f"{self.model.__name__}: {sorted(taken)} are taken")

    @property
    def sort_names(self) -> list[str]:
        """Every accepted value of ``sort``."""
        return [name for column in sorted(self.sorts) for name in (column, f"-{column}")]

    def read(
        self,
        query: Iterable[tuple[str, str]],
        caller: Caller,
        *,
        shown: Collection[str] = (),
        besides: Collection[str] = (),
    ) -> ListRequest:
        """The request in these query parameters; raises Invalid that names every wrong one.

        ``shown`` are the fields an item has, ``besides`` parameters that the route reads itself.
        """
        reader = _Reader(self, caller, shown)
        for name, value in query:
            if name not in besides:
                reader.take(name, value)
        return reader.request()

    def page(
        self,
        tx: Session,
        asked: ListRequest,
        show: Callable[[Any], V],
        *,
        where: Sequence[ColumnElement[bool]] = (),
        statement: Select[Any] | None = None,
    ) -> Page[V]:
        """One page of what the caller may see. ``statement`` selects the model, with joins or options of its own."""
        everything = statement if statement is not None else select(self.model)
        chosen = everything.where(*where, *asked.where)
        keys, searching = self._order(asked)
        if searching is not None:
            chosen = chosen.where(searching)
        listed = chosen
        search = self.search
        if asked.q and isinstance(search, RankedSearch) and (not asked.sort or search.is_rare(tx, chosen)):
            listed = everything.where(search.among(chosen, asked.q))
        rows = self._rows(tx, listed, asked, keys)
        page = Page[V](items=[show(row[0]) for row in rows[: asked.limit]])
        if len(rows) > asked.limit:
            page.next_cursor = write_cursor(asked.binding, rows[asked.limit - 1][1:])
        if asked.count:
            page.total = self._total(tx, chosen)
        page._fields = asked.fields
        return page

    def _order(self, asked: ListRequest) -> tuple[list[Key], ColumnElement[bool] | None]:
        name = asked.sort or self.default_sort
        descending = name.startswith("-")
        column = getattr(self.model, name.removeprefix("-"))
        keys = [Key(column, descending, bool(column.nullable)), Key(self.model.id, descending, False)]
        if asked.q is None or self.search is None:
            return keys, None
        found = self.search(asked.q)
        if not isinstance(found, tuple):
            return keys, found
        if asked.sort:
            return keys, found[0]
        return [Key(found[1], False, False), *keys], found[0]

    def _rows(self, tx: Session, chosen: Select[Any], asked: ListRequest, keys: list[Key]) -> Sequence[Any]:
        labelled = [key.expression.label(f"key_{number}") for number, key in enumerate(keys)]
        ordered = chosen.add_columns(*labelled).order_by(*(key.ordered() for key in keys)).limit(asked.limit + 1)
        if asked.after is not None:
            ordered = ordered.where(beyond(keys, read_position(keys, asked.after)))
        return tx.execute(ordered).all()

    def _total(self, tx: Session, chosen: Select[Any]) -> int | Literal["10000+"]:
        some = chosen.with_only_columns(self.model.id).order_by(None).limit(EXACT_TO + 1).subquery()
        counted = tx.execute(select(func.count()).select_from(some)).scalar_one()
        return counted if counted <= EXACT_TO else "10000+"

    def needed_indexes(self) -> list[NeededIndex]:
        """An index for each sort (with the id as tie-break) and each filter."""
        table = self.model.__table__.name
        needed = [NeededIndex(table, (name, "id"), f"sort {name}") for name in sorted(self.sorts)]
        for name, by in self.filters.items():
            column = by.column if isinstance(by, Filter) else by.index
            if column is not None:
                needed.append(NeededIndex(column.class_.__table__.name, (column.key,), f"filter {name}"))
        return needed

    def missing_indexes(self) -> list[NeededIndex]:
        """Those of ``needed_indexes`` that the tables do not have: a primary key, a unique key or an index serves."""
        tables = self.model.metadata.tables
        return [index for index in self.needed_indexes() if not _has_index(tables[index.table], index.columns)]


def _has_index(table: Any, columns: tuple[str, ...]) -> bool:
    starts = [[column.name for column in table.primary_key.columns]]
    starts += [[getattr(part, "name", None) for part in index.expressions] for index in table.indexes]
    starts += [
        [column.name for column in constraint.columns]
        for constraint in table.constraints
        if type(constraint).__name__ == "UniqueConstraint"
    ]
    # A unique column needs no tie-break, and a sort without the id in its index still walks the index.
    return any(start[:1] == [columns[0]] for start in starts)


class _Reader:
    """Collects the parameters of one request, and everything wrong with them."""

    def __init__(self, listing: Listing, caller: Caller, shown: Collection[str]) -> None:
        self.listing, self.caller, self.shown = listing, caller, shown
        self.plain: dict[str, str] = {}
        self.where: list[ColumnElement[bool]] = []
        self.given: list[tuple[str, str]] = []
        self.errors: list[FieldError] = []

    def take(self, name: str, value: str) -> None:
        if "\x00" in value:
            self._wrong(name, say("A NUL character is not allowed."))
        elif name in self.plain or any(name == given for given, _ in self.given):
            self._wrong(name, say("Given twice."))
        elif name in _OWN:
            self.plain[name] = value
        else:
            self.given.append((name, value))
            self._filter(name, value)

    def _filter(self, name: str, value: str) -> None:
        noun, _, operator = name.partition("__")
        try:
            if noun.startswith("custom.") and self.listing.custom is not None:
                self.where.append(self.listing.custom(noun.removeprefix("custom."), operator, value))
                return
            by = self.listing.filters.get(noun)
            if by is None or operator not in by.operators:
                self._wrong(name, say("Unknown parameter."))
                return
            self.where.append(by.clause(operator, value, self.caller))
        except ValidationError as error:
            for detail in error.errors():
                self._wrong(name, complaint(detail["type"], detail["msg"], detail.get("ctx") or {}))
        except Invalid as error:
            self._wrong(name, error.detail)

    def request(self) -> ListRequest:
        listing = self.listing
        sort = self._choice("sort", listing.sort_names)
        fields = self._names("fields", self.shown)
        include = self._names("include", listing.includes)
        limit = self._limit()
        count = self._choice("count", ["true", "false"])
        q = self.plain.get("q")
        if q is not None and listing.search is None:
            self._wrong("q", say("Unknown parameter."))
        if q is not None and len(q) > 200:
            self._wrong("q", say("At most {limit} characters.", limit=200))
        binding = binding_of(listing.model.__name__, sort, q or "", self.given)
        after = read_cursor(self.plain["cursor"], binding) if "cursor" in self.plain and not self.errors else None
        if self.errors:
            raise Invalid(errors=self.errors)
        return ListRequest(
            caller=self.caller,
            limit=limit,
            sort=sort,
            where=tuple(self.where),
            q=q.strip() or None if q else None,
            count=count == "true",
            fields=frozenset({"id", *fields}) & frozenset(self.shown) if fields else None,
            include=frozenset(include),
            binding=binding,
            after=after,
        )

    def _limit(self) -> int:
        value = self.plain.get("limit")
        if value is None:
            return DEFAULT_LIMIT
        if value.isascii() and value.isdigit() and 1 <= int(value[:6]) <= MAX_LIMIT and len(value) <= 6:
            return int(value)
        self._wrong("limit", say("Must be a number from {low} to {high}.", low=1, high=MAX_LIMIT))
        return DEFAULT_LIMIT

    def _choice(self, name: str, choices: Sequence[str]) -> str:
        value = self.plain.get(name, "")
        if name in self.plain and value not in choices:
            self._wrong(name, say("Must be one of: {choices}.", choices=", ".join(choices)))
        return value

    def _names(self, name: str, known: Collection[str]) -> list[str]:
        if name not in self.plain:
            return []
        names = [each.strip() for each in self.plain[name].split(",")]
        if not known:
            self._wrong(name, say("Unknown parameter."))
        elif unknown := [each for each in names if each not in known]:
            self._wrong(name, say("Unknown field: {field}.", field=unknown[0]))
        return names

    def _wrong(self, name: str, message: str) -> None:
        self.errors.append(FieldError(f"?{name}", message))
