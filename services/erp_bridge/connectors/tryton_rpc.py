"""Speaking to a Tryton: JSON-RPC, its types, its session, and everything that it or what stands before it answers.

What happens to a call is one of: a result; ``Says`` (Tryton refused, in words); ``Busy`` (nothing happened); ``NoWord``
(it may have happened).
"""

import base64
import hashlib
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from services.erp_bridge.connectors.base import Answer, Http, NoAnswer, NotSent

_KNOWN_FOR_S = 300.0


class Busy(Exception):
    """Not done, and nothing happened; ``after`` in seconds when we were told when to come back."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class NoWord(Exception):
    """It may have been done."""


class Says(Exception):
    """Tryton's own refusal. ``kind`` is its class there (UserError, UserWarning, ValidationError …)."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Concurrent(Busy):
    """Somebody changed the record in Tryton while we did."""


class _SignInAgain(Exception):
    pass


@dataclass
class _SignedIn:
    """A session as Tryton gave it, and what has been looked up in it lately."""

    authorization: str
    context: dict[str, Any]
    known: dict[Any, Any] = field(default_factory=dict)
    until: float = 0.0


# Signing in costs Tryton a password hash: a session serves until it is refused, in this process.
_sessions: dict[str, _SignedIn] = {}
_signing_in: dict[str, threading.Lock] = {}
_counting: dict[str, threading.Lock] = {}


class Rpc:
    """One user at one database of one Tryton."""

    def __init__(self, http: Http, url: str, database: str, user: str, password: str) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/{database}/rpc/"
        self._user, self._password = user, password
        key = "\0".join((self._url, user, password))
        self._key = hashlib.sha256(key.encode()).hexdigest()

    def read(self, method: str, *params: Any) -> Any:
        """A call that changes nothing: without an answer it did not happen. Raises Busy or Says."""
        try:
            return self.write(method, *params)
        except NoWord as error:
            raise Busy(str(error)) from error

    def write(self, method: str, *params: Any, context: dict[str, Any] | None = None) -> Any:
        """A call that changes something; raises Busy, NoWord or Says. Signs in again, once, when the session ended."""
        for is_last in (False, True):
            session = self._session()
            try:
                given = {**session.context, "_skip_warnings": True, **(context or {})}
                return self._call(f"model.{method}", [*params, given], session.authorization)
            except _SignInAgain:
                _sessions.pop(self._key, None)
                if is_last:
                    raise Busy("Tryton does not accept the session it has just given") from None
        raise AssertionError

    def remembered(self, key: Any, look: Any) -> Any:
        """What ``look()`` answers, asked again every five minutes; nothing (None) is never remembered."""
        session = self._session()
        if time.monotonic() > session.until:
            session.known.clear()
            session.until = time.monotonic() + _KNOWN_FOR_S
        if key not in session.known:
            found = look()
            if found is None:
                return None
            session.known[key] = found
        return session.known[key]

    @property
    def one_at_a_time(self) -> threading.Lock:
        """For what Tryton numbers without a lock of its own: held by one call of this process at a time."""
        return _counting.setdefault(self._key, threading.Lock())

    @property
    def company(self) -> int:
        """The company that the user works for; raises Busy when there is none."""
        company = self._session().context.get("company")
        if not isinstance(company, int):
            raise Busy(f"the user {self._user} belongs to no company in Tryton")
        return company

    def _session(self) -> _SignedIn:
        with _signing_in.setdefault(self._key, threading.Lock()):
            session = _sessions.get(self._key)
            if session is None:
                session = _sessions[self._key] = self._sign_in()
            return session

    def _sign_in(self) -> _SignedIn:
        try:
            got = self._call("common.db.login", [self._user, {"password": self._password}], None)
        except _SignInAgain:
            raise Busy("Tryton does not accept this user and password") from None
        except NoWord as error:
            raise Busy(str(error)) from error
        if not (isinstance(got, list) and len(got) >= 2 and isinstance(got[1], str)):
            raise Busy("Tryton does not accept this user and password")
        token = base64.b64encode(f"{self._user}:{got[0]}:{got[1]}".encode()).decode()
        try:
            context = self._call("model.res.user.get_preferences", [True, {}], f"Session {token}")
        except _SignInAgain:
            raise Busy("Tryton does not accept the session it has just given") from None
        except NoWord as error:
            raise Busy(str(error)) from error
        return _SignedIn(f"Session {token}", context if isinstance(context, dict) else {})

    def _call(self, method: str, params: list[Any], authorization: str | None) -> Any:
        headers = {"content-type": "application/json"} | ({"authorization": authorization} if authorization else {})
        body = orjson.dumps({"id": 1, "method": method, "params": params}, default=_encode, option=_OPTIONS)
        try:
            answer = self._http("POST", self._url, body=body, headers=headers)
        except NotSent as error:
            raise Busy(str(error)) from error
        except NoAnswer as error:
            raise NoWord(str(error)) from error
        return _result(answer)


_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME


def _result(answer: Answer) -> Any:
    status = answer.status
    if status == 401:
        raise _SignInAgain
    if status in (429, 503):
        raise Busy(f"Tryton answers {status}", _retry_after(answer))
    if status in (403, 404):
        raise Busy(f"Tryton answers {status}: is the database named rightly, and are the modules there?")
    if status != 200:
        raise NoWord(f"Tryton answers {status}")
    try:
        said = orjson.loads(answer.body) if answer.whole else None
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict) or not ({"result", "error"} & said.keys()):
        raise NoWord("what answers in Tryton's place does not speak its language")
    if said.get("error") is None:
        return _decode(said.get("result"))
    raise _refusal(said["error"])


def _refusal(error: Any) -> Exception:
    kind, *rest = error if isinstance(error, list) and error else [str(error)]
    words = rest[0] if rest else ""
    if str(kind).startswith("401"):
        return _SignInAgain()
    if kind == "ConcurrencyException":
        return Concurrent("somebody changed it in Tryton at the same moment")
    if str(kind).startswith("403"):
        return Says("Forbidden", "this user may not do that")
    if isinstance(words, list):
        words = " ".join(
            str(each) for each in words[1 if kind == "UserWarning" else 0 :] if isinstance(each, str) and each
        )
    return Says(str(kind), " ".join(str(words).split())[:500] or str(kind))


def _retry_after(answer: Answer) -> float | None:
    value = answer.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value[:6])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _encode(value: object) -> Any:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": f"{value:f}"}
    if isinstance(value, datetime):
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{part: getattr(value, part) for part in parts}}
    if isinstance(value, date):
        return {"__class__": "date", **{part: getattr(value, part) for part in ("year", "month", "day")}}
    raise TypeError(type(value).__name__)


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(each) for each in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__class__")
    if kind is None:
        return {name: _decode(each) for name, each in value.items()}
    parts = {name: part for name, part in value.items() if name != "__class__"}
    try:
        match kind:
            case "Decimal":
                return Decimal(parts["decimal"])
            case "date":
                return date(**parts)
            case "datetime":
                return datetime(**parts, tzinfo=UTC)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise NoWord("Tryton's answer cannot be read") from error
    return None  # bytes and durations: nothing we ask for
