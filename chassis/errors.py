"""One error tree. A class knows its HTTP status and its code; the answer and the retry policy follow from it.

``RelataError`` and below are *expected*: a reaction that raises one with ``retryable = False`` is parked at once,
because trying again cannot help. Everything outside this tree is a bug or a fault and is retried by the schedule.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: ``pointer`` is a JSON pointer into the body (``/emails/0``) or ``?name``."""

    pointer: str
    message: str


class RelataError(Exception):
    """Base of everything Relata says no with."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(
        self, detail: str = "", *, errors: list[FieldError] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}


class BadRequest(RelataError):
    status, code = 400, "bad_request"


class NotSignedIn(RelataError):
    status, code = 401, "not_signed_in"


class NotAllowed(RelataError):
    status, code = 403, "not_allowed"


class NotFound(RelataError):
    """Absent, or not the caller's to see: the two look alike on purpose."""

    status, code = 404, "not_found"


class Conflict(RelataError):
    """A rule says no."""

    status, code = 409, "conflict"


class Stale(RelataError):
    """The caller's If-Match names an older version."""

    status, code = 412, "stale"


class TooLarge(RelataError):
    status, code = 413, "too_large"


class UnsupportedMedia(RelataError):
    status, code = 415, "unsupported_media_type"


class Invalid(RelataError):
    """The body or a parameter was understood and is not acceptable."""

    status, code = 422, "invalid"


class TooMany(RelataError):
    status, code, retryable = 429, "too_many_requests", True


class Unavailable(RelataError):
    status, code, retryable = 503, "unavailable", True


class NotYet(RelataError):
    """Something this work needs has not arrived: a missing parent is a retry, not a failure of the event."""

    status, code, retryable = 409, "not_yet", True
