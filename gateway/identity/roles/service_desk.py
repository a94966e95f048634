"""Rights to cases, articles, service contracts and promises, by the key of a built-in role."""

from gateway.identity.roles.model import ACTS, ADMINISTRATOR

Acts = dict[str, str]

# The kinds of records, by the plural that scopes of keys name. A right to promises is one to holidays, too.
PLURALS = {
    "cases": "case",
    "articles": "article",
    "entitlements": "entitlement",
    "sla_policies": "sla_policy",
}


def _to(depth: str, *acts: str) -> Acts:
    return dict.fromkeys(acts, depth)


_READ = _to("all", "read")
_WATCH = _to("all", "read", "export")
_WRITE = _to("all", "create", "read", "write")
_EVERYTHING = {noun: _to("all", *ACTS) for noun in PLURALS.values()}
# Whoever owns what they have taken up, until they hand it over.
_OWN = _to("own", "create", "read", "write", "assign", "share")
# Who serves a customer sees who that is.
_CUSTOMERS = {"account": _READ, "contact": _READ}
_RAISE = {"case": _OWN, "article": _READ}

SERVICE_DESK: dict[str, dict[str, Acts]] = {
    ADMINISTRATOR: _EVERYTHING,
    "director": _EVERYTHING,
    "service_manager": {**_EVERYTHING, **_CUSTOMERS},
    # Of their team's cases; publishing an article takes a manager's eyes.
    "service_agent": {
        **_CUSTOMERS,
        "case": _to("team", "create", "read", "write", "assign", "share"),
        "article": _WRITE,
        "entitlement": _READ,
        "sla_policy": _READ,
    },
    "technician": {
        "case": _to("own", "read", "write", "assign"),
        "article": _READ,
        "entitlement": _READ,
        "sla_policy": _READ,
    },
    "sales_manager": {**_RAISE, "case": {**_OWN, **_to("below", "read")}},
    "salesperson": _RAISE,
    "telesales": _RAISE,
    "marketing_manager": {"article": _READ},
    "marketer": {"article": _READ},
    "data_protection": dict.fromkeys(PLURALS.values(), _WATCH),
}
