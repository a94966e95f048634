"""Reads a batch: a JSON array, or a JSON object a line. Each row stands for itself: a bad one spoils no other."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from pydantic import ValidationError

from chassis.errors import BadRequest, Invalid, RelataError, TooLarge, UnsupportedMedia
from chassis.http.json_body import read_json
from chassis.i18n import say
from services.channels.batches.model import ERRORS_KEPT, MOST_ROWS, Row, RowError, Rows
from services.channels.intake.schemas import PushLead, field_errors

NDJSON = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
MOST_ROW_BYTES = 131_072
MOST_FIELDS = 100
# Empty lines do not count as rows, but nobody needs twice as many lines as rows.
_MOST_LINES = 2 * MOST_ROWS
_SPACE = " \t\n\r"


def read_rows(body: bytes, content_type: str) -> Rows:
    """The good rows and what is wrong with the others.

    Raises UnsupportedMedia, BadRequest when the array itself cannot be read, Invalid when it holds no row, and
    TooLarge when it holds more than 10,000.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media in NDJSON:
        found = _lines(body)
    elif media == "application/json":
        found = _elements(body)
    else:
        raise UnsupportedMedia(say("The body must be sent as {media}.", media="application/json, application/x-ndjson"))
    reader = _Reader()
    for number, raw in found:
        reader.take(number, raw)
    if not reader.taken:
        raise Invalid(say("The batch holds no rows."))
    return Rows(reader.good, reader.taken - len(reader.good), reader.errors, reader.errors_total)


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(BytesIO(body.removeprefix(b"\xef\xbb\xbf")), 1):
        if number > _MOST_LINES:
            raise _too_many()
        if line := line.strip():
            yield number, line


def _elements(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements of an array, each as it was written: that is what is kept as its raw form."""
    try:
        text = body.decode("utf-8-sig")
        yield from _slices(text, json.JSONDecoder(parse_int=float).raw_decode)
    except (ValueError, IndexError, RecursionError) as error:
        raise BadRequest(say("The body is not valid JSON.")) from error


def _slices(text: str, decode: Callable[[str, int], tuple[Any, int]]) -> Iterator[tuple[int, bytes]]:
    at = _beyond_space(text, 0)
    if text[at] != "[":
        decode(text, at)
        raise Invalid(say("The body must be an array of leads."))
    number, at = 0, _beyond_space(text, at + 1)
    while number > 0 or text[at] != "]":
        number += 1
        _, end = decode(text, at)
        yield number, text[at:end].encode()
        at = _beyond_space(text, end)
        if text[at] == "]":
            break
        if text[at] != ",":
            raise ValueError("no comma between elements")
        at = _beyond_space(text, at + 1)
    if text[at + 1 :].strip(_SPACE):
        raise ValueError("something follows the array")


def _beyond_space(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _too_many() -> TooLarge:
    return TooLarge(say("A batch has at most {limit} rows.", limit=MOST_ROWS))


class _Reader:
    """Reads rows one by one and remembers what was wrong."""

    def __init__(self) -> None:
        self.good: list[Row] = []
        self.errors: list[RowError] = []
        self.errors_total = self.taken = 0

    def take(self, number: int, raw: bytes) -> None:
        self.taken += 1
        if self.taken > MOST_ROWS:
            raise _too_many()
        try:
            if len(raw) > MOST_ROW_BYTES:
                raise Invalid(say("A row has at most {limit} bytes.", limit=MOST_ROW_BYTES))
            content = read_json(raw)
            # Each unknown one would be an error of its own.
            if isinstance(content, dict) and len(content) > MOST_FIELDS:
                raise Invalid(say("A row has at most {limit} fields.", limit=MOST_FIELDS))
            lead = PushLead.model_validate(content)
            self.good.append(Row(number, lead.external_id, lead.facts, raw.decode()))
        except ValidationError as error:
            self._refuse_fields(number, error)
        except RelataError as error:
            where = error.errors[0].pointer if error.errors else ""
            self._note(number, where, error.detail)

    def _refuse_fields(self, number: int, error: ValidationError) -> None:
        if len(self.errors) >= ERRORS_KEPT:
            self.errors_total += error.error_count()
            return
        for each in field_errors(error):
            self._note(number, each.pointer, each.message)

    def _note(self, number: int, where: str, message: str) -> None:
        self.errors_total += 1
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(RowError(number, where, message))
