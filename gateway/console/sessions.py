"""Who is signed in at the console: tokens in a cookie that only we can read, renewed before they run out."""

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace

from chassis.sealing import CannotOpen, seal, unseal
from chassis.settings import Settings

COOKIE = "relata_console"
# A page that was opened just now still finds its access token good when it is sent.
_RENEW_BEFORE_S = 60.0
_REMEMBERED_S = 300.0
_MOST_RENEWALS = 5_000
_LONGEST_COOKIE = 4096
_PURPOSE = "console session"


@dataclass(frozen=True, slots=True)
class Session:
    """``csrf`` stands in every form of ours. Nobody is signed in while ``access`` is empty."""

    csrf: str
    access: str = ""
    refresh: str = ""
    expires_at: float = 0.0

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody has signed in; whether that still counts is for the API to say."""
        return bool(self.access)

    @property
    def is_running_out(self) -> bool:
        """Whether the access token must be renewed before it is used."""
        return self.is_signed_in and self.expires_at - _RENEW_BEFORE_S < time.time()


def new_session() -> Session:
    """Of somebody who is not signed in."""
    return Session(csrf=secrets.token_urlsafe(24))


class Sessions:
    """Writes and reads the cookie."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def read(self, cookie: str | None) -> Session | None:
        """The session in this cookie; None when it is none of ours."""
        if not cookie or len(cookie) > _LONGEST_COOKIE:
            return None
        try:
            return Session(**json.loads(unseal(self._settings, cookie, purpose=_PURPOSE)))
        except (CannotOpen, ValueError, TypeError):
            return None

    def write(self, session: Session) -> str:
        """The cookie for this session."""
        return seal(self._settings, json.dumps(asdict(session)), purpose=_PURPOSE)


Exchange = Callable[[str], Awaitable["Granted | None"]]
"""Gives new tokens for a refresh token, or None when it is good no more."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Tokens as the API hands them out."""

    access: str
    refresh: str
    lifetime_s: float

    def into(self, session: Session) -> Session:
        """The session with these."""
        return replace(session, access=self.access, refresh=self.refresh, expires_at=time.time() + self.lifetime_s)


class Renewals:
    """A refresh token is good once, and a second use ends the sign-in. So it is used once, whoever asks with it.

    Browsers send several requests at the same moment, and leave pages before the new cookie has arrived: whoever comes
    with the old one within five minutes gets what the first got.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._under_way: dict[str, tuple[float, asyncio.Task[Granted | None]]] = {}

    async def renew(self, session: Session) -> Session | None:
        """The session with new tokens; None when the sign-in is over. Raises what the exchange raises."""
        self._forget_old()
        name = hashlib.sha256(session.refresh.encode()).hexdigest()
        known = self._under_way.get(name)
        if known is None or _has_failed(known[1]):
            known = time.monotonic(), asyncio.ensure_future(self._exchange(session.refresh))
            self._under_way[name] = known
        # Shielded: whoever asked first may hang up, and the tokens would be lost with the request.
        granted = await asyncio.shield(known[1])
        return granted.into(session) if granted else None

    def _forget_old(self) -> None:
        since = time.monotonic() - _REMEMBERED_S
        if len(self._under_way) > _MOST_RENEWALS or any(at < since for at, _ in self._oldest()):
            self._under_way = {name: known for name, known in self._under_way.items() if known[0] >= since}

    def _oldest(self) -> list[tuple[float, object]]:
        return [next(iter(self._under_way.values()))] if self._under_way else []


def _has_failed(task: "asyncio.Task[Granted | None]") -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
