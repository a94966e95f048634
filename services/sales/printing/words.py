"""Amounts in Vietnamese words, as they stand on quotes, contracts and invoices.

``linh`` before a single unit after an empty ten, ``mốt``, ``tư`` and ``lăm`` after tens, ``không trăm`` in a group that
follows another; groups of nothing are not said.
"""

from decimal import Decimal

from chassis.money import DECIMALS, rounded

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_AFTER_TENS = {1: "mốt", 4: "tư", 5: "lăm"}
_BILLION = 10**9
_GROUPS = ((10**6, "triệu"), (10**3, "nghìn"), (1, ""))
_COINS = {"VND": "đồng", "USD": "đô la Mỹ", "EUR": "euro", "JPY": "yên Nhật"}


def in_words(amount: Decimal, currency: str = "VND") -> str:
    """``Một triệu hai trăm năm mươi nghìn đồng chẵn``; hundredths of other currencies are said as a fraction."""
    exact = rounded(abs(amount), currency)
    whole = int(exact)
    unit = _COINS.get(currency, currency)
    said = f"{number(whole)} {unit}"
    if hundredths := int((exact - whole) * 100) if DECIMALS.get(currency, 2) else 0:
        said += f" và {hundredths:02d}/100"
    elif currency == "VND" and whole and whole % 1000 == 0:
        said += " chẵn"
    if amount < 0 and exact:
        said = f"âm {said}"
    return said[0].upper() + said[1:]


def number(value: int) -> str:
    """A whole number that is not negative."""
    return " ".join(_said(value, follows=False)) or _DIGITS[0]


def _said(value: int, *, follows: bool) -> list[str]:
    if value >= _BILLION:
        billions, rest = divmod(value, _BILLION)
        return [*_said(billions, follows=follows), "tỷ", *_said(rest, follows=True)]
    words: list[str] = []
    for size, name in _GROUPS:
        group, value = divmod(value, size)
        if group:
            words += [*_group(group, follows=follows or bool(words)), *([name] if name else [])]
    return words


def _group(value: int, *, follows: bool) -> list[str]:
    """One to 999. What ``follows`` a larger group says its hundreds, even if there are none."""
    hundreds, rest = divmod(value, 100)
    tens, units = divmod(rest, 10)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or follows else []
    if tens == 0:
        return [*words, *(["linh"] if units and words else []), *([_DIGITS[units]] if units else [])]
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if units:
        said = _AFTER_TENS.get(units, _DIGITS[units]) if tens > 1 else "lăm" if units == 5 else _DIGITS[units]
        words.append(said)
    return words
