"""A table in a text file, as spreadsheets and exports write it: any usual encoding, any usual separator."""

import codecs
import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.trouble import Trouble

SEPARATORS = ",;\t|"
LONGEST_CELL = 131_072
_ROWS_LOOKED_AT = 50
_BLOCK = 1 << 20
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Table:
    """A file that was read through once: it can be read, and holds what it held then.

    ``rows`` counts those below the header; ``digest`` is the SHA-256 of the bytes. ``strict`` says that its quotation
    marks stand where they belong.
    """

    path: Path
    encoding: str
    separator: str
    strict: bool
    columns: tuple[str, ...]
    rows: int
    digest: str

    def read(self) -> Iterator[list[str]]:
        """The cells of each row below the header; empty lines are no rows."""
        with _open(self.path, self.encoding) as text:
            rows = _rows(text, self.separator, strict=self.strict)
            next(rows)
            yield from rows


def open_table(path: Path, encoding: str = "") -> Table:
    """Look through the whole file, so that nothing is wrong with it half-way. Raises Trouble."""
    csv.field_size_limit(LONGEST_CELL)
    try:
        digest = _digest(path)
        encoding = encoding or _encoding_of(path)
        separator = _separator_of(path, encoding)
        try:
            columns, rows = _look_through(path, encoding, separator, strict=True)
            strict = True
        except csv.Error as error:
            if "end of data" in str(error):
                raise
            columns, rows = _look_through(path, encoding, separator, strict=False)
            strict = False
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror or error}") from error
    except LookupError as error:
        raise Trouble(f"there is no encoding {encoding!r}; try utf-8, utf-16 or cp1258") from error
    except UnicodeError as error:
        raise Trouble(f"{path} is not {encoding} text; name its encoding with --encoding") from error
    except csv.Error as error:
        reason = "a quotation mark is never closed" if "end of data" in str(error) else str(error)
        raise Trouble(f"{path} cannot be read as a table: {reason}") from error
    return Table(path, encoding, separator, strict, columns, rows, digest)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
        for mark, name in _MARKS.items():
            if head.startswith(mark):
                return name
        if b"\x00" in head:  # UTF-16 without its mark: every other byte of plain letters is zero
            return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1258"
        return "utf-8"


def _open(path: Path, encoding: str) -> io.TextIOWrapper:
    return path.open("r", encoding=encoding, newline="")


def _rows(text: Iterator[str], separator: str, *, strict: bool) -> Iterator[list[str]]:
    for row in csv.reader(text, delimiter=separator, strict=strict):
        if row:
            # Windows-1258 writes a letter and its tone as two characters, which nobody would ever find again.
            yield [cell if cell.isascii() else unicodedata.normalize("NFC", cell) for cell in row]


def _separator_of(path: Path, encoding: str) -> str:
    """The one that cuts the header into most columns, and as many rows as possible into just as many."""
    with _open(path, encoding) as text:
        lines = [line for _, line in zip(range(_ROWS_LOOKED_AT), text, strict=False)]

    def fit(separator: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in _rows(iter(lines), separator, strict=False)]
        except csv.Error:
            return 0, 0
        if not widths or widths[0] == 1:
            return 0, 0
        return widths.count(widths[0]), widths[0]

    return max(SEPARATORS, key=fit)


def _look_through(path: Path, encoding: str, separator: str, *, strict: bool) -> tuple[tuple[str, ...], int]:
    with _open(path, encoding) as text:
        rows = _rows(text, separator, strict=strict)
        header = next(rows, None)
        if header is None:
            raise Trouble(f"{path} is empty")
        return tuple(name.strip() for name in header), sum(1 for _ in rows)
