"""Search text without accents: ``duong`` finds ``Đường``, exact accents first, every word from where a word starts.

On PostgreSQL the words of ``search_text`` are a text search vector of their own (no extension, no language), with a GIN
index. SQLite reads all the text there is, from an index: 0.05 s for the 100,000 records of a company that runs on it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Index,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    inspect,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from chassis.errors import FieldError, Invalid
from chassis.filters import NOTHING
from chassis.i18n import say
from chassis.records import Record, table_of
from chassis.text import fold, nfc

MOST_WORDS = 8
LONGEST_WORD = 100
CANDIDATES = 5000
_AS_TYPED = 1  # ranks up to here have the accents that were typed
_LONGEST_TEXT = 4000

_WORD = re.compile(r"\w+")
# A phone or tax number typed in groups; it is stored in one piece.
_NUMBER = re.compile(r"[+(]?\d[\d\s().-]{4,}")


class Searchable:
    """Mixin of records that ``q`` finds. ``__searchable__`` names the columns whose words count.

    A model whose words hide in lists or JSON overrides ``search_parts``, which gets a row's columns by name.
    """

    __searchable__: ClassVar[tuple[str, ...]] = ()

    search_text: Mapped[str] = mapped_column(Text, default="")

    @classmethod
    def search_parts(cls, row: Mapping[str, Any]) -> list[str | None]:
        """The texts in this row that a search looks into."""
        return [row[name] for name in cls.__searchable__]


def searchable(*parts: str | None) -> str:
    """Search text of these parts: folded words, each once, one space between."""
    words = dict.fromkeys(word[:LONGEST_WORD] for part in parts if part for word in _WORD.findall(fold(part)))
    return " ".join(words)[:_LONGEST_TEXT]


def words_of(q: str) -> list[str]:
    """The folded words of what somebody typed; raises Invalid when there are too many or one is too long."""
    typed = nfc(q).strip()
    text = re.sub(r"\D", "", typed) if _NUMBER.fullmatch(typed) else fold(typed)
    # Long words first: they are the rare ones, so that the others are seldom looked at.
    words = sorted(dict.fromkeys(_WORD.findall(text)), key=len, reverse=True)
    if len(words) > MOST_WORDS:
        _refuse(say("Search for at most {limit} words.", limit=MOST_WORDS))
    if any(len(word) > LONGEST_WORD for word in words):
        _refuse(say("A word of a search has at most {limit} characters.", limit=LONGEST_WORD))
    return words


def _refuse(message: str) -> None:
    raise Invalid(message, errors=[FieldError("?q", message)])


def search_clause(column: Any, q: str) -> ColumnElement[bool]:
    """Rows whose search text has, for every word typed, a word that begins with it. No word typed finds nothing."""
    words = words_of(q)
    if not words:
        return NOTHING
    spaced = literal_column("' '") + column
    liked = [spaced.like(f"% {_literally(word)}%", escape="\\") for word in words]
    query = bindparam(None, " & ".join(f"'{word}':*" for word in words), type_=Text())
    return _Found(and_(*liked), _vector(column).op("@@", is_comparison=True)(cast(query, TSQUERY)))


def rank(folded: Any, original: Any, q: str) -> ColumnElement[int]:
    """For ORDER BY, best first: as typed with its accents, from the start of ``original`` (0) or of a word in it (1);
    without accents from the start of ``folded`` (2) or anywhere (3). ``original`` is the column that people read.
    """
    typed = " ".join(nfc(q).split())
    # Neither SQLite nor every PostgreSQL locale knows the case of accented letters: the usual spellings are tried.
    patterns = [_literally(each) for each in sorted({typed, typed.lower(), typed.title(), typed.upper()})]
    starts = or_(*(original.like(f"{each}%", escape="\\") for each in patterns))
    within = or_(*((literal_column("' '") + original).like(f"% {each}%", escape="\\") for each in patterns))
    plain = folded.like(_literally(" ".join(_WORD.findall(fold(q)))) + "%", escape="\\")
    return case((starts, 0), (within, 1), (plain, 2), else_=3)


def search_index(model: type[Record], original: str = "name") -> None:
    """Give the model what makes a search fast on either database; ``original`` names the column that is ranked."""
    table = table_of(model)
    # New rows wait in a list that readers scan and that a writer empties into the index when it is full: 256 kB keeps
    # that writer's wait at some 50 ms, where the default of 4 MB made it 300.
    words = Index(
        f"{table.name}_search",
        _vector(table.c.search_text),
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
    )
    words.ddl_if(dialect="postgresql")
    # SQLite reads all the text there is, but only the text: the index has all that a search looks at.
    looked_at = ("search_text", original, "deleted_at", "owner_id", "team_id", "id")
    Index(f"{table.name}_search_text", *(table.c[name] for name in looked_at if name in table.c)).ddl_if(
        dialect="sqlite"
    )


@dataclass(frozen=True)
class Search:
    """How a model is searched: ``Search(Lead, Lead.full_name)`` serves a Listing. ``original`` is what people read."""

    model: type[Record]
    original: Any

    def __call__(self, q: str) -> tuple[ColumnElement[bool], ColumnElement[int]]:
        """What q finds, and its rank; the best is the smallest."""
        folded: Any = self.model.search_text  # type: ignore[attr-defined]
        return search_clause(folded, q), rank(folded, self.original, q)

    def is_rare(self, tx: Session, matches: Select[Any]) -> bool:
        """Whether these matches are few enough to be looked up one by one.

        Sorted by anything but rank, a frequent word is best looked for along the sort's index, and a rare one not: it
        would be read to its end. PostgreSQL cannot tell them apart when a word is in none of its statistics.
        """
        some = matches.with_only_columns(self.model.id).order_by(None).limit(CANDIDATES + 1).subquery()
        return (tx.scalar(select(func.count()).select_from(some)) or 0) <= CANDIDATES

    def among(self, matches: Select[Any], q: str) -> ColumnElement[bool]:
        """A condition for a bounded number of these matches, the exact ones first among them where accents were typed.

        Ranks are computed row by row: a word that half of all records have would take a second to put in order.
        """
        ids = matches.with_only_columns(self.model.id).order_by(None)
        found: Any = select(ids.limit(CANDIDATES).subquery().c.id)
        if not q.isascii():
            exact = select(ids.where(self(q)[1] <= _AS_TYPED).limit(CANDIDATES).subquery().c.id)
            found = exact.union(found)
        # As an array, since PostgreSQL would read a table of a million rows rather than look up some thousand of them.
        looked_up = self.model.id == func.any(func.array(found.scalar_subquery()))
        return _Found(self.model.id.in_(found), looked_up)


def fill_search_text(tx: Session, *_: Any) -> None:
    """Before a flush: new and changed records get the search text of what they say now."""
    for record in (*tx.new, *tx.dirty):
        if isinstance(record, Searchable):
            text = searchable(*record.search_parts(_Columns(record)))
            if record.search_text != text:
                record.search_text = text


class _Columns(Mapping[str, Any]):
    """A record's columns by name."""

    def __init__(self, record: object) -> None:
        self._record = record

    def __getitem__(self, name: str) -> Any:
        return getattr(self._record, name)

    def __iter__(self) -> Iterator[str]:
        return iter(inspect(self._record).mapper.column_attrs.keys())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _literally(text: str) -> str:
    """This text in a LIKE pattern, its wildcards meaning themselves."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _vector(column: Any) -> ColumnElement[Any]:
    # Not to_tsvector: its parser would take e-mail addresses, signs and hyphens for tokens of their own kinds.
    return func.array_to_tsvector(func.string_to_array(column, literal_column("' '")))


class _Found(ColumnElement[bool]):
    """The same condition for a database that reads the column and for one that has the words in an index."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012
        ("read", InternalTraversal.dp_clauseelement),
        ("indexed", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, read: ColumnElement[bool], indexed: ColumnElement[bool]) -> None:
        self.read = read
        self.indexed = indexed


@compiles(_Found)
def _compile_read(element: _Found, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.read, **options)})"


@compiles(_Found, "postgresql")
def _compile_indexed(element: _Found, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.indexed, **options)})"
