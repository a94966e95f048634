"""The public API, as the demo company's people and partners use it."""

import time
from collections.abc import Iterator
from typing import Any

import httpx

from deploy.trouble import Trouble

BUSY = (429, 502, 503, 504)
PATIENCE_S = 20.0


class Api:
    """Calls as one person or program. Whatever is not answered as wanted is Trouble, in one line."""

    def __init__(self, base_url: str, token: str = "") -> None:
        self.base_url = base_url.rstrip("/")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(base_url=f"{self.base_url}/api/v1", headers=headers, timeout=30)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def sign_in(self, email: str, password: str) -> "Api":
        """The API as this person; raises Trouble when they may not in."""
        form = {"grant_type": "password", "username": email, "password": password}
        told = self._call("POST", "/auth/token", 200, data=form)
        return Api(self.base_url, told["access_token"])

    def get(self, path: str, **params: Any) -> Any:
        """Read."""
        return self._call("GET", path, 200, params=params)

    def items(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every record of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, limit=200, **params, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def create(self, path: str, body: Any) -> Any:
        """Create, and answer what was created."""
        return self._call("POST", path, 201, json=body)

    def post(self, path: str, status: int, body: Any = None) -> Any:
        """Do something, which answers with this status."""
        return self._call("POST", path, status, json=body if body is not None else {})

    def patch(self, path: str, body: Any) -> Any:
        """Change."""
        return self._call("PATCH", path, 200, json=body)

    def _call(self, method: str, path: str, wanted: int, **content: Any) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = self._client.request(method, path, **content)
            except httpx.TransportError as error:
                raise Trouble(
                    f"{self.base_url} does not answer ({type(error).__name__}): is Relata running?"
                ) from error
            if answer.status_code == wanted:
                return answer.json()
            if answer.status_code not in BUSY or time.monotonic() > deadline:
                raise Trouble(f"{method} {path} answered {answer.status_code}: {_detail(answer)}")
            time.sleep(0.5)


def _detail(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem.get("detail") or problem.get("title"))
    except (ValueError, AttributeError):
        return answer.text[:200]
