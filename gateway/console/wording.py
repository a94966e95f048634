"""How things are written for one reader: words in their language, money, days and times as they are used to."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from chassis.i18n import Catalogue, Text, say
from gateway.console.calling import is_id
from gateway.console.words import FIELDS, PROBLEMS, TONES, WORDS

_GROUPED = {each: re.compile(rf"\d{{1,3}}(\{each}\d{{3}})+(?:[.,]\d{{1,4}})?") for each in ".,"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIGNS = {"VND": "₫", "USD": "US$", "EUR": "€"}


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
        known = PROBLEMS.get(code) or ("" if detail and status != 404 else PROBLEMS.get(status) or PROBLEMS[500])
        return self.say(known) if known else detail

    def tone(self, value: str | None) -> str:
        """The colour that goes with a status."""
        return TONES.get(value or "", "muted")

    def named(self, names: Mapping[str, str]) -> str:
        """One of the names by language that an administrator gave."""
        return names.get(self.language) or next(iter(names.values()), "")

    def field(self, name: str) -> str:
        """What people call a field of a record."""
        known = FIELDS.get(name)
        return self.say(known) if known else name.replace("_", " ").capitalize()

    def value(self, value: Any, names: Mapping[str, str]) -> str:
        """What a field had or has, as far as it can be told in a few words; ``names`` are those of people."""
        match value:
            case None | "" | [] | {}:
                return "–"
            case bool():
                return self.say("Yes") if value else self.say("No")
            case str():
                if value in names or is_id(value):
                    return names.get(value, "…")
                words = next((family[value] for family in WORDS.values() if value in family), None)
                return self.say(words) if words else self._told(value)
            case dict():
                return self._record(value)
            case list():
                return ", ".join(self.value(each, names) for each in value[:10])
        return self.number(value)

    def _told(self, text: str) -> str:
        """A moment on its day; what somebody wrote stays as it is, even if it begins like a moment."""
        try:
            return self.moment(text) if _MOMENT.match(text) else text
        except ValueError:
            return text

    def _record(self, value: Mapping[str, Any]) -> str:
        match value:
            case {"amount": amount, "currency": currency}:
                return self.money(amount, str(currency))
            case {"value": inner}:
                return str(inner)
        return ", ".join(str(each) for each in value.values() if isinstance(each, str | int))[:200]

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

    def seconds(self, text: str) -> str:
        """The time of the day to the second."""
        return f"{self._local(text):%H:%M:%S}"

    def field_time(self, text: str | None) -> str:
        """A moment as a form's date-and-time field has it."""
        return f"{self._local(text):%Y-%m-%dT%H:%M}" if text else ""

    def moment_of(self, typed: str) -> str | None:
        """What a date-and-time field says, as the API wants it; None when it is no time."""
        try:
            at = datetime.fromisoformat(typed).replace(tzinfo=self._zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return at.isoformat().replace("+00:00", "Z")

    def is_past(self, text: str) -> bool:
        """Whether this moment is over."""
        return self._local(text) < datetime.now(self._zone)

    def about(self, text: str | None) -> str:
        """A moment near now as people say it: "in 20 min", "tomorrow 09:00", "3 days ago"."""
        if not text:
            return "–"
        at, now = self._local(text), datetime.now(self._zone)
        minutes, days = abs(at - now) // timedelta(minutes=1), (at.date() - now.date()).days
        if minutes < 60:
            return self.say("in {count} min" if at >= now else "{count} min ago", count=minutes)
        if -1 <= days <= 1:
            names = ("yesterday {time}", "today {time}", "tomorrow {time}")
            return self.say(names[days + 1], time=f"{at:%H:%M}")
        if -14 <= days < -1:
            return self.say("{count} days ago", count=-days)
        return self.moment(text)

    def amount_of(self, typed: str) -> str:
        """What somebody typed as an amount, as the API wants it: ``1.250.000 ₫`` is 1250000. "" when it is empty.

        What is no amount is handed on as it is, so that the API says so.
        """
        digits = "".join(typed.split()).rstrip("₫đĐ")
        group, point = (".", ",") if self.language == "vi" else (",", ".")
        if _GROUPED[group].fullmatch(digits):
            digits = digits.replace(group, "")
        return digits.replace(point, ".") if digits.count(point) == 1 else digits

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
        at = datetime.fromisoformat(text)
        try:
            return at.astimezone(self._zone)
        except OverflowError:  # the first and the last day that there are have no other zone
            return at.replace(tzinfo=self._zone)

    def _day(self, day: date) -> str:
        if self.language == "vi":
            return f"{day:%d/%m/%Y}"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
