"""What the pages of Flow call things."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.console.flow.drawing import spelled
from gateway.console.visits import Visit

KINDS: Mapping[str, str] = {
    "inbox": "Reaction",
    "delivery": "Call to the outside",
    "outbox": "Event no queue took",
    "undecodable": "Dead letter",
}
STATES: Mapping[str, str] = {
    "told": "happened",
    "unsent": "not sent yet",
    "parked": "parked",
    "done": "done",
    "missing": "has not arrived",
    "forgotten": "long ago",
    "dropped": "dropped",
    "retry": "will be tried again",
    "waiting": "waits its turn",
    "pending": "to be done",
    "leased": "on the way",
    "delivered": "delivered",
}


def words(visit: Visit) -> dict[str, Any]:
    """For the templates."""
    return {
        "kind_word": lambda kind: visit.say(KINDS.get(kind, kind)),
        "kinds": lambda: [(kind, visit.say(name)) for kind, name in KINDS.items()],
        "state_word": lambda state: visit.say(STATES.get(state, state)),
        "spelled": spelled,
        "short": _short,
        "between": _between,
    }


def _short(ref: str | None) -> str:
    """``webhook:…3b3551`` for a reference that ends in an id."""
    name, colon, rest = (ref or "").partition(":")
    return f"{name}:…{rest[-6:]}" if colon and len(rest) > 12 else ref or ""


def _between(began: str, ended: str) -> str:
    return spelled((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds())
