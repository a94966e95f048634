"""Tax codes of Vietnam: three shapes, and a check digit where there is one."""

import pytest

from services.sales.tax_codes import read_tax_code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0100109106", "0100109106"),
        (" 0100 109 106 ", "0100109106"),
        ("0300588569", "0300588569"),
        ("0101243150", "0101243150"),
        ("0314409058-002", "0314409058-002"),
        ("0314409058002", "0314409058-002"),
        ("0314409058.002", "0314409058-002"),
        ("079088012345", "079088012345"),
    ],
)
def test_a_right_code_has_one_spelling(typed: str, code: str) -> None:
    assert read_tax_code(typed) == code


@pytest.mark.parametrize(
    "typed",
    [
        "0100109107",  # another check digit
        "0101234567",
        "0314409058-000",  # no branch
        "0314409059-002",
        "000000000000",
        "010010910",
        "01001091061",
        "MST0100109106",
        "٠١٠٠١٠٩١٠٦",
        "",
    ],
)
def test_a_wrong_code_is_none(typed: str) -> None:
    with pytest.raises(ValueError, match="tax code"):
        read_tax_code(typed)
