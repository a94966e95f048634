"""Which column becomes which field of a lead."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.trouble import Trouble

FIELDS = (
    "external_id",
    "name",
    "first_name",
    "last_name",
    "company",
    "email",
    "phone",
    "title",
    "source",
    "campaign",
    "product_interest",
    "note",
)
CUSTOM = "custom."


@dataclass(frozen=True)
class Mapping:
    """``columns`` pairs a field with a column's place, ``texts`` a field with what it says in every row."""

    columns: tuple[tuple[str, int], ...]
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> str:
        """The same for the same mapping, whatever order it was given in."""
        return json.dumps([sorted(self.columns), sorted(self.texts)], ensure_ascii=False)

    @property
    def used(self) -> frozenset[int]:
        """The places of columns that are pushed."""
        return frozenset(place for _, place in self.columns)

    def lead(self, cells: Sequence[str]) -> dict[str, Any]:
        """A lead as the API takes it; empty cells are left out."""
        lead: dict[str, Any] = {}
        found = [(field, cells[place].strip()) for field, place in self.columns if place < len(cells)]
        for field, text in [*self.texts, *found]:
            if not text:
                continue
            if field.startswith(CUSTOM):
                lead.setdefault("custom", {})[field.removeprefix(CUSTOM)] = text
            else:
                lead[field] = text
        return lead


def read_mapping(options: Sequence[str], columns: Sequence[str]) -> Mapping:
    """From ``field=column`` and ``field=:text``, or JSON files of such pairs; else columns named like fields.

    Raises Trouble for unknown fields or columns, and when neither a phone nor an e-mail address would be pushed.
    """
    wanted = _pairs(options) if options else {_same(name): name for name in columns if _is_field(_same(name))}
    chosen, texts = [], []
    for field, column in wanted.items():
        if not _is_field(field):
            raise Trouble(f"--mapping {field}={column}: there is no field {field!r}; {_fields()}")
        if column.startswith(":"):
            texts.append((field, column[1:].strip()))
        else:
            chosen.append((field, _place(column, columns)))
    if not {"email", "phone"} & {field for field, _ in [*chosen, *texts]}:
        raise Trouble(
            f"no column becomes phone or email; say which with --mapping phone=COLUMN. The file has {_listed(columns)}"
        )
    return Mapping(tuple(chosen), tuple(texts))


def _pairs(options: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for option in options:
        field, equals, column = option.partition("=")
        given = {field.strip(): column.strip()} if equals and column.strip() else _from_json(option)
        for each, says in given.items():
            if each in pairs:
                raise Trouble(f"--mapping says twice what becomes {each}")
            pairs[each] = says
    return pairs


def _from_json(option: str) -> dict[str, str]:
    path = Path(option)
    if not path.is_file():
        raise Trouble(f"--mapping {option}: give field=column, or a JSON file that exists")
    try:
        pairs = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError) as error:
        raise Trouble(f"--mapping {option} is no JSON file: {error}") from error
    if not isinstance(pairs, dict) or not all(isinstance(column, str) for column in pairs.values()):
        raise Trouble(f'--mapping {option}: must be an object such as {{"phone": "Mobile", "source": ":fair"}}')
    return pairs


def _is_field(field: str) -> bool:
    return field in FIELDS or (field.startswith(CUSTOM) and len(field) > len(CUSTOM))


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _place(column: str, columns: Sequence[str]) -> int:
    exact = [place for place, name in enumerate(columns) if name == column]
    found = exact or [place for place, name in enumerate(columns) if _same(name) == _same(column)]
    if not found:
        raise Trouble(f"there is no column {column!r}; the file has {_listed(columns)}")
    if len(found) > 1:
        raise Trouble(f"{len(found)} columns are called {column!r}")
    return found[0]


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in columns[:30])


def _fields() -> str:
    return f"there are {', '.join(FIELDS)} and {CUSTOM}<name>"
