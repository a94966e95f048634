"""The roles that every installation starts with, and their rights for each kind of record.

A right that is not named is ``none``. Kinds of records that come with a later version are added to roles that are there
already; what an administrator has changed since stays.
"""

from dataclasses import dataclass, field

from gateway.identity.roles.model import ACTS, ADMINISTRATOR, WORK_AREAS
from gateway.identity.roles.trade import PLURALS, TRADE

Acts = dict[str, str]


def _every(depth: str) -> Acts:
    return dict.fromkeys(ACTS, depth)


def _manage(depth: str) -> Acts:
    return {**_every(depth), "create": "all"}


_OWN: Acts = {"create": "own", "read": "own", "write": "own", "assign": "own", "share": "own"}
_WATCH: Acts = {"read": "all", "export": "all"}


# The kinds of records that have owners, by the plural that scopes of keys name: ``leads:read``.
NOUN_OF_SCOPE = {
    "leads": "lead",
    "accounts": "account",
    "contacts": "contact",
    "opportunities": "opportunity",
    "pipelines": "pipeline",
    "activities": "activity",
    "reports": "report",
    **PLURALS,
    "receivables": "invoice",
}
# What a salesperson works on: one right for all of them.
_SOLD = ("lead", "account", "contact", "opportunity")
_ALL_REPORTS: Acts = {"read": "all"}
_OWN_REPORTS: Acts = {"read": "own"}
_HAND_OVER = ("create", "read")
# Rights for what nearly everybody works with, by kind of record and role.
_SHARED: dict[str, dict[str, Acts]] = {
    "activity": {
        ADMINISTRATOR: _every("all"),
        "director": _every("all"),
        "sales_manager": _manage("below"),
        "service_manager": _manage("below"),
        "data_protection": _WATCH,
        **dict.fromkeys(("salesperson", "telesales", "marketing_manager", "marketer", "service_agent"), _OWN),
    },
    # Of which sellers somebody may give the customers and the open work to others.
    "handover": {
        **dict.fromkeys((ADMINISTRATOR, "director"), dict.fromkeys(_HAND_OVER, "all")),
        "sales_manager": dict.fromkeys(_HAND_OVER, "below"),
    },
    "report": {
        **dict.fromkeys((ADMINISTRATOR, "director", "sales_manager", "marketing_manager", "marketer"), _ALL_REPORTS),
        **dict.fromkeys(("chief_accountant", "finance"), _ALL_REPORTS),
        **dict.fromkeys(("salesperson", "telesales"), _OWN_REPORTS),
    },
}


@dataclass(frozen=True)
class BuiltIn:
    """A role as it starts. ``labels`` by language."""

    key: str
    labels: dict[str, str]
    work_areas: tuple[str, ...] = ()
    rights: dict[str, Acts] = field(default_factory=dict)


def _role(key: str, en: str, vi: str, *work_areas: str, **rights: Acts) -> BuiltIn:
    shared = {noun: by_role[key] for noun, by_role in _SHARED.items() if key in by_role}
    return BuiltIn(key, {"en": en, "vi": vi}, work_areas, {**shared, **rights, **TRADE.get(key, {})})


def _selling(acts: Acts, *, pipelines: Acts | None = None) -> dict[str, Acts]:
    """These rights to whatever salespeople work on. Who works on it reads the pipelines."""
    return {**dict.fromkeys(_SOLD, acts), "pipeline": pipelines or {"read": "all"}}


_EVERYTHING_SOLD = _selling(_every("all"), pipelines=_every("all"))

BUILT_IN = (
    _role(ADMINISTRATOR, "Administrator", "Quản trị viên", *WORK_AREAS, **_EVERYTHING_SOLD),
    _role("operator", "Operator", "Vận hành hệ thống", "administration"),
    _role(
        "director",
        "Director",
        "Giám đốc",
        "sales",
        "marketing",
        "service",
        "finance",
        **_EVERYTHING_SOLD,
    ),
    _role("sales_manager", "Sales manager", "Trưởng phòng kinh doanh", "sales", **_selling(_manage("below"))),
    _role("salesperson", "Salesperson", "Nhân viên kinh doanh", "sales", **_selling({**_OWN, "delete": "own"})),
    _role("telesales", "Telesales", "Nhân viên telesales", "sales", **_selling(_OWN)),
    _role("marketing_manager", "Marketing manager", "Trưởng phòng tiếp thị", "marketing", "sales", **_selling(_WATCH)),
    _role("marketer", "Marketer", "Nhân viên tiếp thị", "marketing", **_selling(_OWN)),
    _role("service_manager", "Service manager", "Trưởng phòng dịch vụ", "service"),
    _role("service_agent", "Service agent", "Nhân viên chăm sóc khách hàng", "service"),
    _role("technician", "Technician", "Kỹ thuật viên", "service"),
    _role("warehouse", "Warehouse", "Thủ kho", "sales"),
    _role("chief_accountant", "Chief accountant", "Kế toán trưởng", "finance"),
    _role("finance", "Finance", "Nhân viên tài chính", "finance"),
    _role("hr", "Human resources", "Nhân sự"),
    _role("data_protection", "Data protection", "Bảo vệ dữ liệu", "administration", **_selling(_WATCH)),
    _role("partner", "Partner", "Đối tác"),
    _role("customer", "Customer", "Khách hàng"),
)
