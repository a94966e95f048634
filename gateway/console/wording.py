"""How things are written for one reader: words in their language, money, days and times as they are used to."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from chassis.i18n import Catalogue, Text, say

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIGNS = {"VND": "₫", "USD": "US$", "EUR": "€"}

# What the API calls a thing, and what people call it.
WORDS: Mapping[str, Mapping[str, str]] = {
    "lead": {"new": "New", "working": "Working", "qualified": "Qualified", "disqualified": "Disqualified"},
    "opportunity": {"open": "Open", "won": "Won", "lost": "Lost"},
    "quote": {
        "draft": "Draft",
        "sent": "Sent",
        "accepted": "Accepted",
        "rejected": "Rejected",
        "expired": "Expired",
        "superseded": "Superseded",
    },
    "order": {
        "draft": "Draft",
        "confirmed": "Confirmed",
        "released": "Released",
        "in_delivery": "In delivery",
        "delivered": "Delivered",
        "cancelled": "Cancelled",
    },
    "invoice": {
        "draft": "Draft",
        "issued": "Issued",
        "part_paid": "Part paid",
        "paid": "Paid",
        "discarded": "Discarded",
    },
    "shipment": {"planned": "Planned", "shipped": "Shipped", "delivered": "Delivered"},
    "payment": {"received": "Received", "allocated": "Allocated", "reversed": "Reversed"},
    "activity": {"planned": "Planned", "done": "Done", "cancelled": "Cancelled", "missed": "Missed"},
    "kind": {
        "phone_call": "Phone call",
        "task": "Task",
        "appointment": "Appointment",
        "letter": "Letter",
        "fax": "Fax",
        "email": "E-mail",
        "sms": "SMS",
        "chat": "Chat",
        "visit": "Visit",
        "note": "Note",
    },
    "account_kind": {
        "company": "Company",
        "branch": "Branch",
        "household": "Household business",
        "individual": "Individual",
        "state_unit": "State unit",
    },
    "lifecycle": {"prospect": "Prospect", "customer": "Customer", "repeat": "Repeat customer", "lapsed": "Lapsed"},
    "priority": {"low": "Low", "normal": "Normal", "high": "High", "urgent": "Urgent"},
    "rating": {"hot": "Hot", "warm": "Warm", "cold": "Cold"},
    "erp": {
        "queued": "On its way to the ERP",
        "delayed": "The ERP is away; it will be sent",
        "accepted": "In the ERP",
        "refused": "Refused by the ERP",
        "changed": "Changed in the ERP",
    },
}
_PROBLEMS: Mapping[int | str, str] = {
    "form_expired": "This form is no longer valid: you signed in anew meanwhile. Open the page again and repeat it.",
    400: "The browser sent something that cannot be read.",
    403: "Your role does not allow this. Ask your administrator if you need it.",
    404: "There is nothing here, or it is not yours to see.",
    405: "This address is for forms. Go back and use the button.",
    413: "That was too much at once.",
    415: "The browser sent something that cannot be read.",
    500: "Something went wrong on our side. Nothing was changed; try again.",
    503: "This part of Relata is not answering just now. Try again in a moment.",
}
_TONES = {
    "new": "info",
    "working": "warning",
    "qualified": "success",
    "disqualified": "muted",
    "open": "info",
    "won": "success",
    "lost": "danger",
    "draft": "muted",
    "sent": "info",
    "accepted": "success",
    "rejected": "danger",
    "expired": "warning",
    "superseded": "muted",
    "confirmed": "info",
    "released": "info",
    "in_delivery": "warning",
    "delivered": "success",
    "cancelled": "muted",
    "issued": "info",
    "part_paid": "warning",
    "paid": "success",
    "discarded": "muted",
    "planned": "info",
    "shipped": "warning",
    "done": "success",
    "missed": "danger",
    "received": "info",
    "allocated": "success",
    "reversed": "muted",
    "refused": "danger",
    "delayed": "warning",
    "hot": "danger",
    "warm": "warning",
    "cold": "info",
}


class Wording:
    """One reader's language and time zone."""

    def __init__(self, catalogue: Catalogue, language: str, zone: str = "Asia/Ho_Chi_Minh") -> None:
        self._catalogue = catalogue
        self.language = language
        try:
            self._zone = ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            self._zone = ZoneInfo("UTC")

    def say(self, text: str, **values: object) -> str:
        """A sentence; ``{name}`` in it is replaced."""
        return self._catalogue.text(text if isinstance(text, Text) else say(text, **values), self.language)

    def word(self, family: str, value: str | None) -> str:
        """What people call this value: ``word("lead", "new")``."""
        if value is None:
            return "–"
        known = WORDS[family].get(value)
        return self.say(known) if known else value.replace("_", " ").capitalize()

    def problem(self, status: int, code: str = "", detail: str = "") -> str:
        """What happened, in a sentence."""
        known = _PROBLEMS.get(code) or ("" if detail else _PROBLEMS.get(status) or _PROBLEMS[500])
        return self.say(known) if known else detail

    def tone(self, value: str | None) -> str:
        """The colour that goes with a status."""
        return _TONES.get(value or "", "muted")

    def named(self, names: Mapping[str, str]) -> str:
        """One of the names by language that an administrator gave."""
        return names.get(self.language) or next(iter(names.values()), "")

    def number(self, value: Any) -> str:
        """``1.250.000`` or ``1,250,000``."""
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return str(value)
        places = max(0, -int(number.normalize().as_tuple().exponent)) if number.is_finite() else 0
        text = f"{number:,.{min(places, 4)}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "vi" else text

    def money(self, amount: Any, currency: str | None = None) -> str:
        """``1.250.000 ₫``; of an amount with its currency, or of both apart."""
        if isinstance(amount, Mapping):
            amount, currency = amount["amount"], amount["currency"]
        if amount is None:
            return "–"
        code = currency or "VND"
        value = Decimal(str(amount))
        digits = self.number(value.quantize(Decimal(1)) if code == "VND" and value == value.to_integral() else value)
        return f"{digits}\N{NO-BREAK SPACE}{_SIGNS.get(code, code)}"

    def moment(self, text: str | None) -> str:
        """A time on its day, at the reader's place."""
        if not text:
            return "–"
        at = self._local(text)
        return f"{self._day(at.date())} {at:%H:%M}"

    def day(self, text: str | None) -> str:
        """A day; of a moment, the reader's."""
        if not text:
            return "–"
        return self._day(date.fromisoformat(text) if len(text) == 10 else self._local(text).date())

    def clock(self, text: str | None) -> str:
        """The time of the day."""
        return f"{self._local(text):%H:%M}" if text else "–"

    def field_time(self, text: str | None) -> str:
        """A moment as a form's date-and-time field has it."""
        return f"{self._local(text):%Y-%m-%dT%H:%M}" if text else ""

    def moment_of(self, typed: str) -> str | None:
        """What a date-and-time field says, as the API wants it; None when it is no time."""
        try:
            at = datetime.fromisoformat(typed)
        except ValueError:
            return None
        return at.replace(tzinfo=self._zone).astimezone(UTC).isoformat().replace("+00:00", "Z")

    def today(self) -> date:
        """The day at the reader's place."""
        return datetime.now(self._zone).date()

    def end_of_today(self) -> str:
        """The last moment of the reader's day, as the API wants it."""
        end = datetime.now(self._zone).replace(hour=23, minute=59, second=59, microsecond=0)
        return end.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def phone(self, number: str) -> str:
        """``0912 345 678`` for a Vietnamese number, others as they are dialled."""
        if number.startswith("+84") and number[3:].isdigit():
            own = "0" + number[3:]
            return f"{own[:4]} {own[4:7]} {own[7:]}"
        return number

    def _local(self, text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(self._zone)

    def _day(self, day: date) -> str:
        if self.language == "vi":
            return f"{day:%d/%m/%Y}"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
