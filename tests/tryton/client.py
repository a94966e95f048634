"""The tests' own way into a Tryton: what really is in its books, and what its users do there."""

import base64
from decimal import Decimal
from typing import Any, Self

import httpx


class Refusal(Exception):
    """Tryton said no."""


class TrytonClient:
    """A signed-in user; decimals come as Decimal, dates as ``{"year", "month", "day"}``."""

    def __init__(self, url: str, database: str, user: str, password: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/{database}/", timeout=60)
        self._who = user, password
        self._sign_in()
        self.context: dict[str, Any] = self._post("model.res.user.get_preferences", True, {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def call(self, method: str, *params: Any, **context: Any) -> Any:
        """A call of the wire's own names: ``model.party.party.search``."""
        return self._post(method, *params, {**self.context, "_skip_warnings": True, **context})

    def find(self, model: str, wanted: list[Any], *fields: str) -> list[dict[str, Any]]:
        """Every record of a model that fits, by id."""
        found: list[dict[str, Any]] = self.call(
            f"model.{model}.search_read", wanted, 0, None, [["id", "ASC"]], list(fields)
        )
        return found

    def invoices(self, reference: str) -> list[dict[str, Any]]:
        """Every invoice with our reference, in whatever state."""
        amounts = ("untaxed_amount", "tax_amount", "total_amount")
        fields = ("number", "state", "description", "party", "payment_lines", *amounts)
        return self.find("account.invoice", [["reference", "=", reference]], *fields)

    def sales(self, reference: str) -> list[dict[str, Any]]:
        """Every sale with our reference, in whatever state."""
        return self.find("sale.sale", [["reference", "=", reference]], "number", "state", "untaxed_amount", "invoices")

    def add_currency(self, code: str, worth: Decimal) -> None:
        """A currency with cents, of which one is worth so many of the company's đồng."""
        since = {"date": dict(zip(("__class__", "year", "month", "day"), ("date", 2026, 1, 1), strict=True))}
        (dong,) = self.call("model.currency.currency.search", [["code", "=", "VND"]], 0, 1, None)
        rates = {"rates": [["create", [since | {"rate": Decimal(1)}]]]}
        self.call("model.currency.currency.write", [dong], rates)
        rates = {"rates": [["create", [since | {"rate": (1 / worth).quantize(Decimal("0.000001"))}]]]}
        facts = {"name": code, "code": code, "symbol": code, "digits": 2, "rounding": Decimal("0.01")}
        self.call("model.currency.currency.create", [facts | rates])

    def pay(self, invoice_id: int, amount: Decimal, *, day: tuple[int, int, int] = (2026, 11, 21)) -> None:
        """Book a payment, as an accountant does: by the wizard."""
        record = {"active_model": "account.invoice", "active_id": invoice_id, "active_ids": [invoice_id]}
        wizard = "wizard.account.invoice.pay"
        session, *_ = self.call(f"{wizard}.create", **record)
        (method,) = self.call("model.account.invoice.payment.method.search", [], 0, 1, None)
        shown = self.call(f"{wizard}.execute", session, {}, "start", **record)["view"]["defaults"]
        fields = ("payee", "payees", "company", "currency", "invoice_account")
        start = {name: shown.get(name) for name in fields} | {
            "amount": {"__class__": "Decimal", "decimal": str(amount)},
            "date": dict(zip(("__class__", "year", "month", "day"), ("date", *day), strict=True)),
            "payment_method": method,
            "description": "UNC 0912",
        }
        asked = self.call(f"{wizard}.execute", session, {"start": start}, "choice", **record)
        if "view" in asked:
            ask = {**asked["view"]["defaults"], "type": "partial"}
            ask = {name: value for name, value in ask.items() if "." not in name}
            self.call(f"{wizard}.execute", session, {"start": start, "ask": ask}, "pay", **record)
        self.call(f"{wizard}.delete", session)

    def _sign_in(self) -> None:
        user, password = self._who
        self.http.headers.pop("authorization", None)
        session = self._post("common.db.login", user, {"password": password})
        token = base64.b64encode(f"{user}:{session[0]}:{session[1]}".encode()).decode()
        self.http.headers["authorization"] = f"Session {token}"

    def _post(self, method: str, *params: Any) -> Any:
        asked = _wire({"id": 1, "method": method, "params": params})
        answer = self.http.post("rpc/", json=asked)
        if answer.status_code == 401 and "authorization" in self.http.headers:  # a session ends after five idle minutes
            self._sign_in()
            answer = self.http.post("rpc/", json=asked)
        answer.raise_for_status()
        said = answer.json()
        if said.get("error"):
            raise Refusal(f"{method}: {said['error']}")
        return _read(said["result"])


def _wire(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, dict):
        return {name: _wire(each) for name, each in value.items()}
    return [_wire(each) for each in value] if isinstance(value, list | tuple) else value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(each) for each in value]
    if isinstance(value, dict):
        if value.get("__class__") == "Decimal":
            return Decimal(value["decimal"])
        return {name: _read(each) for name, each in value.items()}
    return value
