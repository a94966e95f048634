"""Every refusal leaves as one shape, RFC 9457 problem details, in the reader's language. Never a stack trace."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis.database import is_away
from chassis.errors import BadRequest, Conflict, FieldError, Invalid, NotFound, RelataError, Unavailable
from chassis.i18n import Catalogue, complaint, say

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1

# A mebibyte of unknown fields would otherwise be answered with six: a program needs no more than these to mend itself.
MOST_ERRORS = 100

_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    412: "stale",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}

SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem details. Some problems carry more, such as `current` in a 412.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors", "trace_id"],
    "properties": {
        "type": {"type": "string", "description": "a URN that ends in the code"},
        "title": {"type": "string", "description": "short, the same for every problem of this code"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "what was wrong this time"},
        "code": {"type": "string", "description": "stable, for programs"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body, or `?name` for a parameter",
                    },
                    "message": {"type": "string"},
                },
            },
        },
        "trace_id": {"type": "string", "description": "quote it when you ask us about this"},
    },
}


class Unexpected(RelataError):
    """A bug or a fault of ours: the answer says nothing about it, the log has it under the trace id."""


class RequestTimeout(RelataError):
    """The body arrives a byte at a time."""

    status, code = 408, "request_timeout"


class UnexpectedStatus(RelataError):
    """What the web framework refuses by itself: no such route, no such method."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(headers=dict(headers or {}))
        self.status = status  # type: ignore[misc]
        self.code = _CODES.get(status, "bad_request" if status < 500 else "internal")  # type: ignore[misc]


def invalid_input(details: Sequence[Any]) -> RelataError:
    """What pydantic's complaints amount to: 422 with a pointer each, or 404 when only the path is malformed.

    ``details`` have a location that begins with body, query, path or header, as FastAPI gives them.
    """
    if details and all(detail["loc"][:1] == ("path",) for detail in details):
        return NotFound()
    return Invalid(errors=[_field_error(detail) for detail in details])


def _field_error(detail: Any) -> FieldError:
    where, *inside = detail["loc"] or ("body",)
    message = complaint(detail["type"], detail["msg"], detail.get("ctx") or {})
    if where == "body":
        return FieldError(pointer(inside), message)
    return FieldError(f"?{inside[0]}" if where == "query" and inside else ":".join(map(str, (where, *inside))), message)


def refusal(error: BaseException) -> RelataError:
    """The RelataError that an exception amounts to; ``Unexpected`` when it is a bug."""
    if isinstance(error, RelataError):
        return error
    if isinstance(error, RequestValidationError):
        return invalid_input(error.errors())
    if isinstance(error, HTTPException):
        return UnexpectedStatus(error.status_code, error.headers)
    if database_is_away(error):
        return unavailable()
    if isinstance(error, StatementError):
        return _database_refusal(error)
    if isinstance(error, RecursionError):
        return BadRequest(say("The body is not valid JSON."))
    return Unexpected()


def database_is_away(error: BaseException) -> bool:
    """The database cannot be reached, or gave no connection in time."""
    return is_away(error) or isinstance(error, PoolTimeout)


def unavailable() -> Unavailable:
    """503: the database is away just now."""
    return Unavailable(
        say("The database is not answering. Try again shortly."), headers={"Retry-After": str(RETRY_AFTER_S)}
    )


def _database_refusal(error: StatementError) -> RelataError:
    """What slipped through validation and the database refused: bad input is never a 500."""
    code = getattr(error.orig, "pgcode", None) or ""
    said = str(error.orig)
    if code == "57014":  # statement_timeout
        return Unavailable(say("The database took too long for this. Ask for less, or try again."))
    if isinstance(error, IntegrityError):
        if code == "23505" or "UNIQUE constraint" in said:
            exists = Conflict(say("Something like it exists already."))
            exists.code = "already_exists"  # type: ignore[misc]
            return exists
        if code == "23503" or "FOREIGN KEY constraint" in said:
            return Conflict(say("It refers to something that is not there, or is still referred to."))
        if code == "23514" or "CHECK constraint" in said:
            return Invalid(say("A value is too long, too large or not of its kind."))
        return Unexpected()
    # Class 22 is "data exception". SQLite's driver, and our own types, raise Python's errors while binding values.
    binding = not isinstance(error, DBAPIError) and isinstance(error.orig, (OverflowError, ValueError, TypeError))
    if code.startswith("22") or binding or "NUL" in said or isinstance(error.orig, OverflowError):
        return Invalid(say("A value is too long, too large or not of its kind."))
    return Unexpected()


def problem(error: RelataError, catalogue: Catalogue, language: str, trace_id: str) -> Response:
    """The answer for this refusal."""
    title = catalogue.title(error.code, language)
    detail = (
        say("It is our fault, and it has been noted under this trace_id.") if error.code == "internal" else error.detail
    )
    content: dict[str, Any] = {
        "type": f"urn:relata:problem:{error.code}",
        "title": title,
        "status": error.status,
        "detail": catalogue.text(detail, language) if detail else title,
        "code": error.code,
        "errors": [
            {"pointer": each.pointer, "message": catalogue.text(each.message, language)}
            for each in error.errors[:MOST_ERRORS]
        ],
        "trace_id": trace_id,
        **_extra(error),
    }
    headers = {"Content-Language": language, **error.headers}
    if error.status == 503:
        headers.setdefault("Retry-After", str(RETRY_AFTER_S))
    return Response(orjson.dumps(content, default=str), error.status, headers, MEDIA_TYPE)


def _extra(error: RelataError) -> dict[str, Any]:
    """Members beyond the standard ones: an error may carry a mapping ``extra``."""
    extra = getattr(error, "extra", None) or {}
    return {
        name: value.model_dump(mode="json") if isinstance(value, BaseModel) else value for name, value in extra.items()
    }


def pointer(parts: Sequence[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
