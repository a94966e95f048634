"""One good call of an operation, and who may make it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """``who`` may do it: somebody ``signed_in``, ``public``, an ``administrator``, a ``partner``; ``lead``: by rights.

    ``document`` is by rights too, of what only the administrator has made; ``accountant`` and ``approver`` may
    more than salespeople. ``watch`` is for whoever keeps watch over what comes in, ``feed`` for readers of the feed.
    """

    who: str
    body: Callable[[], Any] | None = None
    form: Callable[[Any], dict[str, str]] | None = None
    query: dict[str, str] | None = None
    before: str = ""
    """A transition without which this one finds nothing to do: ``DELETE`` before a restore."""
