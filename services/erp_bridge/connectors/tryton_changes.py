"""What changed in Tryton since we last looked: polling ``write_date`` with windows that overlap, told apart by row.

``write_date`` is when a transaction began, and it shows when that has committed: a later look may find an earlier date.
So each look goes back a minute, and the rows of that minute that were seen are remembered in the cursor.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import orjson

from services.erp_bridge.connectors.base import Booked, Changes, Kind, Now
from services.erp_bridge.connectors.tryton_rpc import Rpc

_OVERLAP = timedelta(seconds=60)
_PAGE = 200
_MOST = 100
_MODELS: tuple[tuple[Kind, str], ...] = (("order", "sale.sale"), ("invoice", "account.invoice"))
# What a push goes through. Read in that moment and told after it, these would say that an accepted one went back.
_UNFINISHED: dict[Kind, list[str]] = {"order": ["draft", "quotation", "confirmed"], "invoice": ["draft", "validated"]}


def read_changes(rpc: Rpc, cursor: str | None) -> Changes:
    """Every finished sale and invoice with a reference that was written since; raises Busy or Says."""
    places: dict[str, Any] = orjson.loads(cursor) if cursor else {}
    documents: list[Now] = []
    more = False
    for kind, model in _MODELS:
        ids, places[kind], is_more = _written(rpc, kind, model, places.get(kind) or {})
        documents += _orders(rpc, ids) if kind == "order" else _invoices(rpc, ids)
        more = more or is_more
    return Changes(tuple(documents), orjson.dumps(places).decode(), more)


def _written(rpc: Rpc, kind: Kind, model: str, place: dict[str, Any]) -> tuple[list[int], dict[str, Any], bool]:
    """Ids of rows not seen as they are now, the next place, and whether there are more."""
    since = datetime.fromisoformat(place["since"]) if place else None
    seen: dict[str, str] = dict(place.get("seen", {}))
    wanted: list[Any] = [["reference", "!=", None], ["write_date", "!=", None]]
    wanted.append(["state", "not in", _UNFINISHED[kind]])
    if kind == "invoice":
        wanted.append(["type", "=", "out"])
    if since is not None:
        wanted.append(["write_date", ">=", since - _OVERLAP])
    fresh: list[int] = []
    rows: list[dict[str, Any]] = []
    more = True
    while more and len(fresh) < _MOST:
        order = [["write_date", "ASC"], ["id", "ASC"]]
        page = rpc.read(f"{model}.search_read", wanted, len(rows), _PAGE, order, ["write_date"])
        fresh += [row["id"] for row in page if seen.get(str(row["id"])) != row["write_date"].isoformat()]
        rows += page
        more = len(page) == _PAGE
    if not rows:
        return [], place, False
    latest = max(row["write_date"] for row in rows)
    latest = max(latest, since) if since else latest
    seen = {str(row["id"]): row["write_date"].isoformat() for row in rows if row["write_date"] >= latest - _OVERLAP}
    return fresh, {"since": latest.isoformat(), "seen": seen}, more


def _orders(rpc: Rpc, ids: list[int]) -> Iterable[Now]:
    for part in _parts(ids):
        for row in rpc.read("sale.sale.read", part, ["reference", "state"]):
            yield Now("order", row["reference"], str(row["id"]), row["state"])


def _invoices(rpc: Rpc, ids: list[int]) -> Iterable[Now]:
    fields = ["reference", "state", "payment_lines", "reconciliation_lines"]
    for part in _parts(ids):
        rows = rpc.read("account.invoice.read", part, fields)
        paid = {row["id"]: sorted({*row["payment_lines"], *row["reconciliation_lines"]}) for row in rows}
        lines = _booked(rpc, sorted({line for each in paid.values() for line in each}))
        for row in rows:
            payments = [_payment(lines[line]) for line in paid[row["id"]] if line in lines]
            yield Now("invoice", row["reference"], str(row["id"]), row["state"], tuple(payments))


def _booked(rpc: Rpc, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Move lines that brought money, by id; a write-off or the other side of a correction brings none."""
    fields = ["debit", "credit", "date", "description", "move.journal.name", "move.number"]
    fields += ["amount_second_currency", "amount_currency.code"]
    found = [row for part in _parts(ids) for row in rpc.read("account.move.line.read", part, fields)]
    return {row["id"]: row for row in found if row["credit"] > row["debit"]}


def _payment(line: dict[str, Any]) -> Booked:
    move = line.get("move.") or {}
    journal = (move.get("journal.") or {}).get("name")
    reference = line["description"] or move.get("number")
    # Debit and credit are in the company's currency; what was paid in another one stands beside, negative for credit.
    foreign = line["amount_second_currency"]
    amount = -foreign if foreign else line["credit"] - line["debit"]
    return Booked(str(line["id"]), amount, line["amount_currency."]["code"], line["date"], journal, reference)


def _parts(ids: list[int], size: int = 50) -> Iterable[list[int]]:
    return [ids[at : at + size] for at in range(0, len(ids), size)]
