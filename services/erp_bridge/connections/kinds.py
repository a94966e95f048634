"""The kinds of ERPs we can talk to, and how a connection becomes a connector."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from pydantic import SecretStr, ValidationError

from chassis import outside
from chassis.addresses import check_url
from chassis.context import Context
from chassis.errors import FieldError, Invalid
from chassis.i18n import complaint, say
from chassis.sealing import CannotOpen, seal, unseal
from chassis.service import Node
from chassis.settings import Settings
from services.erp_bridge.connections.model import Connection
from services.erp_bridge.connectors.base import (
    Answer,
    CannotRead,
    Connector,
    ConnectorSettings,
    NoAnswer,
    NotSent,
)
from services.erp_bridge.connectors.tryton import Tryton
from services.erp_bridge.ledger.connector import Books, Ledger

CONNECTORS: dict[str, type[Connector]] = {"ledger": Ledger, "tryton": Tryton}
LEDGER = "ledger"

# Documents a second, and seconds between two looks, when nobody says otherwise.
DEFAULTS: dict[str, tuple[Decimal, int]] = {"ledger": (Decimal(1000), 2), "tryton": (Decimal(10), 2)}

_PURPOSE = "erp secrets"
# One call, and all the calls of one push: a lease can outlive what has an end.
CALL_S, PUSH_S = 20.0, 60.0


@dataclass(frozen=True)
class Reached:
    """What a call needs to know of a connection, read once: no transaction stays open during the call."""

    id: str
    kind: str
    settings: ConnectorSettings


def read_settings(
    settings: Settings, kind: str, given: Mapping[str, Any], *, secrets: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The settings of this kind, checked, with defaults; ``secrets`` are those it has already. Raises Invalid."""
    try:
        read = CONNECTORS[kind].Settings.model_validate({**(secrets or {}), **given})
    except ValidationError as error:
        wrong = [
            FieldError(
                "/settings/" + "/".join(map(str, each["loc"])),
                complaint(each["type"], each["msg"], each.get("ctx") or {}),
            )
            for each in error.errors()
        ]
        raise Invalid(say("These settings do not fit this kind of ERP."), errors=wrong) from error
    values = {name: getattr(read, name) for name in type(read).model_fields}
    if "url" in values:
        values["url"] = check_url(values["url"], allow_private=settings.outside_allow_private)
    return values


def split(settings: Settings, values: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """What may be shown, and the rest, sealed."""
    secret = {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}
    shown = {name: value for name, value in values.items() if name not in secret}
    sealed = seal(settings, orjson.dumps(secret).decode(), purpose=_PURPOSE) if secret else None
    return shown, sealed


def secrets_of(settings: Settings, connection: Connection) -> dict[str, str]:
    """Its secrets, for whoever is about to call."""
    if connection.secrets is None:
        return {}
    return dict(orjson.loads(unseal(settings, connection.secrets, purpose=_PURPOSE)))


def reach(node: Node, connection: Connection) -> Reached:
    """What a call to it needs; raises CannotRead when its secrets cannot be opened."""
    try:
        secrets = secrets_of(node.settings, connection)
    except CannotOpen as error:
        raise CannotRead(str(error)) from error
    settings = CONNECTORS[connection.kind].Settings.model_validate({**connection.settings, **secrets})
    return Reached(connection.id, connection.kind, settings)


def open_connector(node: Node, reached: Reached) -> Connector:
    """The connector of a connection, ready to call."""
    return CONNECTORS[reached.kind].open(reached.settings, _means(node, reached.kind))


def _means(node: Node, kind: str) -> Any:
    if kind != LEDGER:
        end = time.monotonic() + PUSH_S
        return lambda *call, **more: _http(node.settings, end, *call, **more)

    def begin() -> Any:
        return node.begin(Context.fresh("courier"))

    return Books(begin, node.read)


def _http(
    settings: Settings, end: float, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str]
) -> Answer:
    left = end - time.monotonic()
    if left <= 0:
        raise NotSent("the ERP is too slow: it took a minute without coming to an end")
    try:
        got = outside.call(settings, method, url, body=body, headers=headers, total_s=min(CALL_S, left))
    except (outside.NotSent, Invalid) as error:
        raise NotSent(str(error)) from error
    except outside.NoAnswer as error:
        raise NoAnswer(str(error)) from error
    return Answer(got.status, got.headers, got.body, got.whole)
