"""How access takes hold of SQLAlchemy: a filter on every ORM read, and a guard on every statement. See ``access``."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Uuid,
    and_,
    bindparam,
    event,
    false,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from chassis.access import UNFILTERED, WITH_DELETED, Access, Owned, System, UnmarkedStatement
from chassis.database import Database
from chassis.records import Record, table_of

_SESSION = "relata_session"

_ME = bindparam("access_me", type_=Uuid(as_uuid=False), required=True)
_TEAMS = bindparam("access_teams", type_=Uuid(as_uuid=False), expanding=True, required=True)
_BELOW = bindparam("access_below", type_=Uuid(as_uuid=False), expanding=True, required=True)


def install_access(db: Database, metadata: MetaData) -> None:
    """Put filter and guard on a database, for the tables of this metadata, whose models must all be imported by now."""
    guard = Guard(metadata)
    event.listen(db.sessions, "do_orm_execute", guard.filter_reads)
    event.listen(db.sessions, "after_begin", _tie)
    event.listen(db.engine, "before_cursor_execute", guard.check)


def owner_criterion(model: type[Owned], depth: str) -> ColumnElement[bool]:
    """Which rows a right of this depth reaches. Who asks comes as parameters, so that SQL is compiled once for all."""
    if depth == "all":
        return true()
    if depth == "own":
        return model.owner_id == _ME
    if depth in ("team", "below"):
        return or_(model.owner_id == _ME, model.team_id.in_(_TEAMS if depth == "team" else _BELOW))
    return false()


class Guard:
    """Knows the models and Owned tables of one metadata, and stands between a database's sessions and its SQL."""

    def __init__(self, metadata: MetaData) -> None:
        self.models = sorted((model for model in _models(Record) if table_of(model).metadata is metadata), key=str)
        tables = metadata.tables.values()
        self.tables = {table.name for table in tables if any(column.info.get("owned") for column in table.columns)}
        for table in tables:
            if clash := self.tables.intersection(table.columns.keys()):
                raise TypeError(f"{table.name}: the column {clash.pop()} is named as a table whose rows have owners")
        self.bare = lru_cache(maxsize=8192)(_reader_of(self.tables))
        self._filters: dict[tuple[str, ...], _RowFilter] = {}
        self._unasked: dict[Any, _RowFilter] = {}

    def filter_reads(self, state: ORMExecuteState) -> None:
        """Before an ORM query of a session runs: add the filter for whoever asks in its transaction."""
        if not state.is_select or not state.is_orm_statement:
            return
        access = state.session.info.get("access")
        deleted = state.execution_options.get(WITH_DELETED, False)
        if not isinstance(access, Access):
            state.statement = state.statement.options(self._filter(None, deleted))
            return
        state.statement = state.statement.options(self._filter(access, deleted))
        if state.is_column_load and state.bind_mapper is not None and isinstance(state.statement, Select):
            # SQLAlchemy leaves loader criteria out when it refreshes an object that it holds already.
            model = state.bind_mapper.class_
            if issubclass(model, Owned):
                state.statement = state.statement.where(_marked(model, access.depth(model.__noun__, "read")))
        who = {"access_me": access.asker_id, "access_teams": access.team_ids, "access_below": access.below_ids}
        given = state.parameters
        state.parameters = {**given, **who} if isinstance(given, Mapping) else who

    def _filter(self, access: Access | None, deleted: bool) -> "_RowFilter":
        remembered = self._unasked if access is None else access.remembered
        known: _RowFilter | None = remembered.get((self, deleted))
        if known is None:
            known = remembered[self, deleted] = self._filter_of_depths(access, deleted)
        return known

    def _filter_of_depths(self, access: Access | None, deleted: bool) -> "_RowFilter":
        key: tuple[str, ...] = ("deleted" if deleted else "alive",)
        if access is not None:
            key += tuple(access.depth(each.__noun__, "read") if issubclass(each, Owned) else "" for each in self.models)
        known = self._filters.get(key)
        if known is None:  # not setdefault: a filter takes two milliseconds to make
            known = self._filters.setdefault(key, _RowFilter(key, self.models))
        return known

    def check(
        self, _connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
    ) -> None:
        """Before any statement runs: refuse one that touches an Owned table without its filter, unless it may."""
        compiled = context.compiled
        bare = self.bare(statement if compiled is None else compiled.string)
        if not bare or context.isddl or UNFILTERED in context.execution_options:
            return
        session = context.execution_options.get(_SESSION)
        if session is not None and (session._flushing or isinstance(session.info.get("access"), System)):
            # A flush writes objects that were loaded through the filter. There is no public word for "is flushing":
            # after_flush does not come when a flush finds nothing to do, so a flag of our own would stay set.
            return
        raise UnmarkedStatement(
            f"a statement touches {', '.join(bare)} past the owner filter. Ask through the ORM after "
            "acting(tx, caller) and name every table in FROM or JOIN, write batches with bulk_write, "
            "or say as_system(tx, reason)."
        )


def _tie(session: Session, _transaction: Any, connection: Connection) -> None:
    connection.execution_options(**{_SESSION: session})


def _models(root: type[Record]) -> Iterator[type[Record]]:
    for model in root.__subclasses__():
        if "__mapper__" in model.__dict__:
            yield model
        yield from _models(model)


def _reader_of(tables: set[str]) -> Callable[[str], tuple[str, ...]]:
    """A function from SQL to the Owned tables that it names, as tables, more often than it carries their marks."""
    names = "|".join(map(re.escape, sorted(tables))) or "(?!)"
    # A name followed by a dot qualifies a column; one after AS or OF is an alias or a row lock.
    token = re.compile(rf"/\* seen: (\w+) \*/|(\b(?:AS|OF)\s+)?\"?\b({names})\b\"?(\s*\.)?", re.IGNORECASE)

    def bare(sql: str) -> tuple[str, ...]:
        if sql.startswith("PRAGMA"):
            return ()
        missing = dict.fromkeys(tables, 0)
        for seen, alias, name, dot in token.findall(sql):
            if seen:
                missing[seen] -= 1
            elif not alias and not dot:
                missing[name.lower()] += 1
        return tuple(sorted(name for name, count in missing.items() if count > 0))

    return bare


class _Marked(ColumnElement[bool]):
    """A criterion that says in the SQL which table it filters."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012
        ("criterion", InternalTraversal.dp_clauseelement),
        ("table", InternalTraversal.dp_string),
    ]

    def __init__(self, criterion: ColumnElement[bool], table: str) -> None:
        self.criterion = criterion
        self.table = table


@compiles(_Marked)
def _render(element: _Marked, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.criterion, **options)} /* seen: {element.table} */)"


def _marked(model: type[Owned], depth: str) -> ColumnElement[bool]:
    return _Marked(owner_criterion(model, depth), table_of(model).name)


class _RowFilter(CriteriaOption):
    """``with_loader_criteria`` for every model at once, with one short cache key instead of a long one per model."""

    propagate_to_loaders = False  # loads that follow pass by filter_reads themselves

    def __init__(self, key: tuple[str, ...], models: list[type[Record]]) -> None:
        self._key = key
        self._criteria = []
        for number, model in enumerate(models, 1):
            rows: list[ColumnElement[bool]] = [] if key[0] == "deleted" else [model.deleted_at.is_(None)]
            if len(key) > 1 and issubclass(model, Owned):
                rows.append(_marked(model, key[number]))
            if rows:
                self._criteria.append(with_loader_criteria(model, and_(*rows), include_aliases=True))

    def _gen_cache_key(self, _anon_map: Any, _bindparams: list[Any]) -> tuple[Any, ...]:
        return (_RowFilter, self._key)

    def process_compile_state(self, compile_state: Any) -> None:
        for criterion in self._criteria:
            criterion.process_compile_state(compile_state)

    def process_compile_state_replaced_entities(self, compile_state: Any, mapper_entities: Any) -> None:
        self.process_compile_state(compile_state)

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        for criterion in self._criteria:
            criterion.get_global_criteria(attributes)
