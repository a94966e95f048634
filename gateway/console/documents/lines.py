"""Lines of a quote as a form has them: the same fields once for each line, in order."""

from collections.abc import Mapping
from itertools import zip_longest

from gateway.console.calling import Record
from gateway.console.visits import Visit

FIELDS = ("product_id", "quantity", "unit_price", "discount_percent")
_MOST = 200


def typed(visit: Visit) -> list[dict[str, str]]:
    """The lines as they were typed."""
    columns = [[value.strip() for value in visit.form.get(f"line_{name}", [])] for name in FIELDS]
    return [dict(zip(FIELDS, values, strict=True)) for values in zip_longest(*columns, fillvalue="")][:_MOST]


def wanted(visit: Visit) -> list[Record]:
    """The lines as the API wants them; those without a product are left out."""
    return [_line(visit, line) for line in typed(visit) if line["product_id"]]


def _line(visit: Visit, line: Mapping[str, str]) -> Record:
    read = visit.wording.amount_of
    made: Record = {"product_id": line["product_id"], "quantity": read(line["quantity"]) or "1"}
    for name in ("unit_price", "discount_percent"):
        if line[name]:
            made[name] = read(line[name])
    return made


def of_quote(visit: Visit, quote: Record) -> list[dict[str, str]]:
    """The lines of a quote, to be typed over."""
    number = visit.wording.number
    return [
        {
            "product_id": line["product_id"] or "",
            **{name: number(line[name]) for name in ("quantity", "unit_price")},
            "discount_percent": "" if float(line["discount_percent"]) == 0 else number(line["discount_percent"]),
        }
        for line in quote["lines"]
    ]
