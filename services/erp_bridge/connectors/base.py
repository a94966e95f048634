"""What the bridge asks of an ERP, and what an ERP may answer: one contract for every connector.

A connector turns our documents into the ERP's calls and its answers into facts. It knows no table of ours. Whatever it
pushes it looks for first, under our reference: a push that is made twice has one effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict

from chassis.i18n import Text
from chassis.money import ExactDecimal

Kind = Literal["order", "invoice"]


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True)


class Party(_Sent):
    """Who buys. ``reference`` is ours for ever (``account:<id>``); everything else may change."""

    reference: str
    is_company: bool
    name: str
    tax_code: str | None = None
    email: str | None = None
    phone: str | None = None
    street: str | None = None
    ward: str | None = None
    province: str | None = None
    country: str = "VN"


class Line(_Sent):
    """One line. ``net`` is exact; quantity × price less discounts need not be, so that ``net`` decides."""

    code: str | None = None
    name: str
    unit: str
    quantity: ExactDecimal
    unit_price: ExactDecimal
    net: ExactDecimal
    tax: ExactDecimal
    tax_code: str
    tax_rate: ExactDecimal


class Tax(_Sent):
    """One tax of a document and all that is due of it, rounded once."""

    code: str
    rate: ExactDecimal
    net: ExactDecimal
    tax: ExactDecimal


class Document(_Sent):
    """An order or an invoice. ``reference`` is our id of it, ``number`` what people call it."""

    kind: Kind
    reference: str
    number: str
    party: Party
    currency: str
    dated: date
    due_on: date | None = None
    order_reference: str | None = None
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    net: ExactDecimal
    tax: ExactDecimal
    total: ExactDecimal


@dataclass(frozen=True)
class Sent:
    """The ERP has it, whole: its id there, the number people see there, and what the ERP calls its state.

    ``note`` says what an accountant should know of all the same.
    """

    erp_id: str
    number: str | None = None
    state: str | None = None
    party_id: str | None = None
    note: Text | None = None


@dataclass(frozen=True)
class Refused:
    """Somebody has to mend something, here or there; ``reason`` is a sentence an accountant understands."""

    reason: Text


@dataclass(frozen=True)
class Retry:
    """Not now; nothing has happened, or what has happened is found again. ``after`` in seconds, if they said so."""

    reason: str
    after: float | None = None


@dataclass(frozen=True)
class Unknown:
    """It may have arrived."""

    reason: str


Outcome = Sent | Refused | Retry | Unknown


@dataclass(frozen=True)
class Booked:
    """A payment as the ERP books it against an invoice. ``erp_id`` never changes there."""

    erp_id: str
    amount: Decimal
    currency: str
    paid_on: date
    method: str | None = None
    reference: str | None = None


@dataclass(frozen=True)
class Now:
    """How a document of ours stands in the ERP. ``payments`` of an invoice are all there are: a missing one is gone."""

    kind: Kind
    reference: str
    erp_id: str
    state: str
    payments: tuple[Booked, ...] = ()


@dataclass(frozen=True)
class Changes:
    """What changed since the cursor that was handed in, and the next cursor. ``more``: ask again at once."""

    documents: tuple[Now, ...]
    cursor: str
    more: bool = False


class CannotRead(Exception):
    """The ERP did not tell: away, busy, not letting us in, or speaking another language. Says which."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; header names in lower case. ``whole`` is false when the body was cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True


class NotSent(Exception):
    """No connection: nothing has left us."""


class NoAnswer(Exception):
    """The request left, and no answer came."""


class Http(Protocol):
    """One HTTP request and its answer; raises NotSent or NoAnswer. Handed to a connector by whoever makes it."""

    def __call__(self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str]) -> Answer: ...


class ConnectorSettings(BaseModel):
    """What a connection of this kind needs to know. Fields of type SecretStr are sealed, and never shown again."""

    model_config = ConfigDict(extra="forbid")


class Connector(Protocol):
    """One ERP, reached with one connection's settings. Made anew for each call; keeps nothing of value."""

    Settings: ClassVar[type[ConnectorSettings]]

    @classmethod
    def open(cls, settings: Any, means: Any) -> Self:
        """The connector with these settings; ``means`` is what its kind works with: HTTP, or the books."""
        ...

    def test(self) -> Text:
        """A sentence about whom we reached; raises CannotRead."""
        ...

    def push_party(self, party: Party) -> Outcome:
        """Have this buyer there, as it is now."""
        ...

    def push(self, document: Document) -> Outcome:
        """Have this document there, its buyer first; Sent only when it is there whole and to the coin."""
        ...

    def look_up(self, kind: Kind, reference: str) -> Sent | None:
        """The document with our reference, if it is there whole. Raises CannotRead."""
        ...

    def changes(self, cursor: str | None) -> Changes:
        """How those of our documents stand that changed since; raises CannotRead."""
        ...
