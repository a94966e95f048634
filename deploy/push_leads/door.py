"""The public API as a partner's program sees it: one key, patience with a server that is busy or away."""

import random
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from deploy.trouble import Trouble

API = "/api/v1"
BUSY = (429, 502, 503, 504)
ANSWERS_WITHIN_S = 120.0
LONGEST_PAUSE_S = 30.0
# A first word gets little patience, since an address may be mistyped; work under way gets a lot.
KNOCK_PATIENCE_S = 6.0
PATIENCE_S = 300.0
FAULTS_FORGIVEN = 4


class Door:
    """Calls with one key. Every refusal that asking again cannot mend is Trouble, in one line."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url = base_url.rstrip("/").removesuffix(API)
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Trouble(f"--base-url {base_url}: must look like https://crm.example.com")
        if not key.isascii() or not key.isprintable() or not key.strip():
            raise Trouble("the key holds characters that no key has")
        self._client = httpx.Client(
            base_url=self.base_url + API,
            headers={"authorization": f"Bearer {key.strip()}", "user-agent": "relata push-leads"},
            timeout=httpx.Timeout(ANSWERS_WITHIN_S, connect=5.0),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def knock(self) -> None:
        """See that somebody answers and that the key may push."""
        answer = self._ask("GET", "/partner/leads", patience_s=KNOCK_PATIENCE_S, params={"limit": 1})
        if answer.status_code == 403:
            raise Trouble(f"this key may not push leads: {_detail(answer)}")
        if answer.status_code == 404:
            raise Trouble(f"{self.base_url} answers, but is no Relata: it has no {API}/partner/leads")
        _expect(answer, 200)

    def push(self, lines: bytes, idempotency_key: str) -> dict[str, Any]:
        """Push leads, one JSON object a line; the same key and lines have one effect, however often they are sent."""
        headers = {"content-type": "application/x-ndjson", "idempotency-key": idempotency_key}
        return _expect(self._ask("POST", "/partner/leads/batch", content=lines, headers=headers), 202)

    def batch(self, batch_id: str, *, limit: int, cursor: str | None = None) -> dict[str, Any]:
        """How far a batch has got, and a page of its rows."""
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = self._ask("GET", f"/partner/batches/{batch_id}", params=params)
        if answer.status_code == 404:
            raise Trouble(f"batch {batch_id} is not there for this key: was it pushed by another partner?")
        return _expect(answer, 200)

    def _ask(self, method: str, path: str, *, patience_s: float = PATIENCE_S, **content: Any) -> httpx.Response:
        began = time.monotonic()
        tries = faults = 0
        while True:
            tries += 1
            pause = min(0.2 * 2**tries, 5.0) * random.uniform(0.5, 1.0)
            try:
                answer = self._client.request(method, path, **content)
            except httpx.TransportError as error:
                why = f"does not answer: {_reason(error)}"
            else:
                if answer.status_code == 401:
                    raise Trouble(f"{self.base_url} does not know this key (401)")
                faults += answer.status_code == 500
                if not _asks_again(answer) or faults > FAULTS_FORGIVEN:
                    return answer
                why = f"is busy ({answer.status_code})"
                pause = _retry_after(answer) or pause
            if time.monotonic() - began + pause > patience_s:
                raise Trouble(f"{self.base_url} {why}")
            time.sleep(pause)


def _asks_again(answer: httpx.Response) -> bool:
    # A 409 here says that the first request under this key, whose answer was lost, is still at work.
    return answer.status_code in (*BUSY, 500) or (answer.status_code == 409 and "retry-after" in answer.headers)


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds to wait as the server asks, within bounds; None when it asks nothing that can be read."""
    said = answer.headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return None
        seconds = (until - datetime.now(until.tzinfo)).total_seconds()
    return max(0.1, min(seconds, LONGEST_PAUSE_S))


def _expect(answer: httpx.Response, status: int) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if answer.status_code != status or not isinstance(body, dict):
        raise Trouble(f"{answer.request.url.path} answered {answer.status_code}: {_detail(answer)}")
    return body


def _detail(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem.get("detail") or problem.get("title") or problem.get("code") or "no reason given")
    except (ValueError, AttributeError):
        return "no reason given"


def _reason(error: httpx.TransportError) -> str:
    match error:
        case httpx.TimeoutException():
            return "it takes too long"
        case httpx.ConnectError():
            return f"no connection ({str(error).strip().splitlines()[0] if str(error).strip() else 'refused'})"
        case _:
            return type(error).__name__
