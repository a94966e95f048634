"""What the API offers here: a page links to a route only where some service answers it."""

import time

from starlette.types import ASGIApp

from gateway.proxy.asking import ask

_DESCRIPTION = "/api/openapi.json"
_KEPT_S = 60.0
_WITHIN_S = 5.0


class Offers:
    """Asks the API's own description at most once a minute."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._paths: frozenset[str] = frozenset()
        self._asked_at = float("-inf")

    async def has(self, path: str) -> bool:
        """Whether there is such a route: ``/quotes/{quote_id}/pdf``."""
        if time.monotonic() - self._asked_at > _KEPT_S:
            self._asked_at = time.monotonic()
            status, description = await ask(self._app, _DESCRIPTION, within_s=_WITHIN_S)
            if status == 200:
                self._paths = frozenset(each.removeprefix("/api/v1") for each in description["paths"])
        return path in self._paths
