"""Amounts as people write them in their language."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from chassis.money import plain, rounded

_SIGNS = {"VND": "₫"}


def written(money: Mapping[str, str], language: str) -> str:
    """``1.250.000 ₫`` in Vietnamese, ``1,250,000 VND`` in English; as it came when it is no number."""
    amount, currency = money["amount"], money["currency"]
    try:
        grouped = f"{Decimal(plain(rounded(Decimal(amount), currency))):,f}"
    except InvalidOperation:
        return f"{amount} {currency}"
    if language == "vi":
        return f"{grouped.translate(str.maketrans(',.', '.,'))} {_SIGNS.get(currency, currency)}"
    return f"{grouped} {currency}"
