"""Amounts in Vietnamese words."""

from decimal import Decimal

import pytest

from services.sales.printing.words import in_words, number

NUMBERS = {
    0: "không",
    4: "bốn",
    5: "năm",
    10: "mười",
    11: "mười một",
    14: "mười bốn",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi tư",
    25: "hai mươi lăm",
    29: "hai mươi chín",
    55: "năm mươi lăm",
    91: "chín mươi mốt",
    100: "một trăm",
    101: "một trăm linh một",
    104: "một trăm linh bốn",
    105: "một trăm linh năm",
    110: "một trăm mười",
    111: "một trăm mười một",
    115: "một trăm mười lăm",
    121: "một trăm hai mươi mốt",
    999: "chín trăm chín mươi chín",
    1_000: "một nghìn",
    1_001: "một nghìn không trăm linh một",
    1_010: "một nghìn không trăm mười",
    1_015: "một nghìn không trăm mười lăm",
    1_100: "một nghìn một trăm",
    21_021: "hai mươi mốt nghìn không trăm hai mươi mốt",
    100_000: "một trăm nghìn",
    1_000_005: "một triệu không trăm linh năm",
    1_005_000: "một triệu không trăm linh năm nghìn",
    15_000_000: "mười lăm triệu",
    586_287_000: "năm trăm tám mươi sáu triệu hai trăm tám mươi bảy nghìn",
    10**9: "một tỷ",
    10**9 + 1: "một tỷ không trăm linh một",
    2_014_000_024: "hai tỷ không trăm mười bốn triệu không trăm hai mươi tư",
    10**12: "một nghìn tỷ",
    1_024 * 10**9 + 10**6: "một nghìn không trăm hai mươi tư tỷ không trăm linh một triệu",
    900 * 10**12: "chín trăm nghìn tỷ",
    10**18 + 5: "một tỷ tỷ không trăm linh năm",
}


@pytest.mark.parametrize(("value", "said"), NUMBERS.items())
def test_a_number_is_said_as_people_say_it(value: int, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("0", "VND", "Không đồng"),
        ("1250000", "VND", "Một triệu hai trăm năm mươi nghìn đồng chẵn"),
        ("366666", "VND", "Ba trăm sáu mươi sáu nghìn sáu trăm sáu mươi sáu đồng"),
        ("-1005", "VND", "Âm một nghìn không trăm linh năm đồng"),
        ("-0.4", "VND", "Không đồng"),
        ("1250.5", "USD", "Một nghìn hai trăm năm mươi đô la Mỹ và 50/100"),
        ("12", "CHF", "Mười hai CHF"),
    ],
)
def test_an_amount_names_its_currency(amount: str, currency: str, said: str) -> None:
    assert in_words(Decimal(amount), currency) == said
