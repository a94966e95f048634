"""Rights to what is sold, ordered, shipped, invoiced and paid, by the key of a built-in role."""

from gateway.identity.roles.model import ACTS, ADMINISTRATOR

Acts = dict[str, str]

# The kinds of records, by the plural that scopes of keys name.
PLURALS = {
    "products": "product",
    "tax_codes": "tax_code",
    "quotes": "quote",
    "orders": "order",
    "shipments": "shipment",
    "invoices": "invoice",
    "payments": "payment",
}


def _to(depth: str, *acts: str) -> Acts:
    return dict.fromkeys(acts, depth)


_READ, _WATCH = _to("all", "read"), _to("all", "read", "export")
_CATALOGUE = {"product": _READ, "tax_code": _READ}
_EVERYTHING = {noun: _to("all", *ACTS) for noun in PLURALS.values()}
_WATCHED = dict.fromkeys(PLURALS.values(), _WATCH)
_KEPT = _to("all", "create", "read", "write", "export")


def _own(*nouns: str) -> dict[str, Acts]:
    return {**_CATALOGUE, **{noun: _to("own", "create", "read", "write") for noun in nouns}}


# What accountants enter is of customers: they see who those are.
_ACCOUNTS = {**_WATCHED, "invoice": _KEPT, "payment": _KEPT, "account": _READ, "contact": _READ}

TRADE: dict[str, dict[str, Acts]] = {
    ADMINISTRATOR: _EVERYTHING,
    "director": _EVERYTHING,
    # Releasing an order, which is to approve it, is the director's.
    "sales_manager": {
        "tax_code": _READ,
        "product": _KEPT,
        **{
            noun: {**_to("below", "read", "write", "export"), **_to("all", "create")}
            for noun in ("quote", "order", "shipment", "invoice")
        },
        "payment": _to("below", "read", "export"),
    },
    "salesperson": {**_own("quote", "order", "shipment", "invoice"), "payment": _to("own", "read")},
    "telesales": _own("quote", "order"),
    "marketing_manager": {**_CATALOGUE, "quote": _WATCH, "order": _WATCH},
    "marketer": _CATALOGUE,
    "service_manager": {**_CATALOGUE, "order": _READ},
    "service_agent": {**_CATALOGUE, "order": _READ},
    "technician": _CATALOGUE,
    "warehouse": {**_CATALOGUE, "order": _READ, "shipment": _KEPT},
    "chief_accountant": {**_ACCOUNTS, "product": _KEPT},
    "finance": _ACCOUNTS,
    "data_protection": _WATCHED,
}
