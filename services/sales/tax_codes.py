"""Tax codes of Vietnam, in their one spelling."""

import re

from chassis.i18n import say

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_BETWEEN_DIGITS = re.compile(r"[\s.\-–]+")


def read_tax_code(text: str) -> str:
    """``0100109106``, a branch's ``0100109106-001``, or the twelve digits of a person or household since July 2025.

    Raises ValueError for anything else. The tenth digit of an organisation's code follows from the nine before it;
    the twelve digits have no check digit.
    """
    digits = _BETWEEN_DIGITS.sub("", text.strip())
    if digits.isascii() and digits.isdigit():
        if len(digits) == 12 and digits.strip("0"):
            return digits
        if len(digits) == 10 and _is_checked(digits):
            return digits
        if len(digits) == 13 and _is_checked(digits) and digits[10:] != "000":
            return f"{digits[:10]}-{digits[10:]}"
    raise ValueError(say("This is not a tax code."))


def _is_checked(digits: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return digits[2:9] != "0000000" and int(digits[9]) == 10 - total % 11
