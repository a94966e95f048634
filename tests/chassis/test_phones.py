import time

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.phones import AREA_CODES_OF_2017, MOBILE_PREFIXES_OF_2018, Phone, normalise_phone, parse_phones


def phone_in(text: str) -> Phone:
    phone = normalise_phone(text)
    assert phone is not None
    return phone


def e164s(text: str, region: str = "VN") -> list[str]:
    return [phone.e164 for phone in parse_phones(text, region)]


@pytest.mark.parametrize(
    "written",
    [
        "0912345678",
        "+84912345678",
        "84912345678",
        "0084912345678",
        "0084 91 234 5678",
        "+84 (0)912 345 678",
        "84-0912345678",
        "+0912345678",
        "091 234 56 78",
        "0912.345.678",
        "0912-345-678",
        "0912\u2013345\u2013678",
        "(091) 234 5678",
        "  0912345678\n",
        "0912\u00a0345\u00a0678",
        "\u202d0912 345 678\u202c",
        "０９１２３４５６７８",
        "٠٩١٢٣٤٥٦٧٨",
        "SĐT: 0912345678 (anh Nam)",
        "đt 0912345678, gọi sau 17h",
        "'0912345678",
        "912345678",
        "912345678.0",
        "912,345,678",
        "9.12345678E+08",
    ],
)
def test_a_mobile_has_one_normal_form_however_it_is_written(written):
    assert normalise_phone(written) == Phone("+84912345678", "mobile", ambiguous=False, identifies=True)


@pytest.mark.parametrize(("old", "new"), MOBILE_PREFIXES_OF_2018.items())
@pytest.mark.parametrize("written", ["0{}1234567", "+84{}1234567", "84{}1234567", "0084 {} 123 4567", "{}1234567"])
def test_a_mobile_of_eleven_digits_becomes_the_one_of_today(old, new, written):
    assert phone_in(written.format(old)).e164 == f"+84{new}1234567"


def test_the_mobile_prefixes_of_2018_are_all_there():
    known = "120 121 122 123 124 125 126 127 128 129 162 163 164 165 166 167 168 169 186 188 199"
    assert " ".join(sorted(MOBILE_PREFIXES_OF_2018)) == known
    assert phone_in("0168 123 4567").e164 == "+84381234567"
    assert phone_in("01234 567 890").e164 == "+84834567890"


# Ten digits with these old codes are read as a mobile of today.
MOBILE_TODAY = {"33", "36", "37", "38", "39", "52", "55", "56", "58", "59", "70", "76", "77", "79", "8"}


@pytest.mark.parametrize(("old", "new"), [pair for pair in AREA_CODES_OF_2017.items() if pair[0] not in MOBILE_TODAY])
@pytest.mark.parametrize("written", ["0{}{}", "+84{}{}", "(0{}) {}", "84{}{}", "{}{}"])
def test_a_landline_from_before_2017_gets_its_area_code_of_today(old, new, written):
    subscriber = "38251234" if old == "4" else "3851234"
    assert normalise_phone(written.format(old, subscriber)) == Phone(
        f"+84{new}{subscriber}", "landline", ambiguous=False, identifies=True
    )


def test_fifty_nine_provinces_changed_their_area_code_and_four_did_not():
    assert len(AREA_CODES_OF_2017) == len(set(AREA_CODES_OF_2017.values())) == 59
    for kept in ("210", "211", "218", "219"):
        assert phone_in(f"0{kept} 3851234").e164 == f"+84{kept}3851234"


@pytest.mark.parametrize("area", AREA_CODES_OF_2017.values())
def test_a_landline_of_today_stays_as_it_is(area):
    subscriber = "38251234" if len(area) == 2 else "3851234"
    for written in (f"0{area}{subscriber}", f"+84{area}{subscriber}", f"{area}{subscriber}"):
        assert normalise_phone(written) == Phone(f"+84{area}{subscriber}", "landline", False, True)


@pytest.mark.parametrize("written", ["0838251234", "+84838251234", "838251234", "08 3825 1234", "0862991234"])
def test_a_mobile_that_may_be_an_old_landline_of_ho_chi_minh_city_is_ambiguous(written):
    phone = phone_in(written)
    assert phone.kind == "mobile"
    assert phone.ambiguous


@pytest.mark.parametrize("written", ["0831234567", "0868123456", "0888123456", "0373851234", "028 38251234"])
def test_a_number_in_ranges_no_landline_of_the_city_had_is_not_ambiguous(written):
    assert not phone_in(written).ambiguous


@pytest.mark.parametrize(
    "written", ["(08) 38251234", "(84-8) 3825 1234", "+84 (8) 38251234", "(08)38251234", "(028) 38251234"]
)
def test_brackets_around_the_old_city_code_tell_the_landline(written):
    assert normalise_phone(written) == Phone("+842838251234", "landline", ambiguous=False, identifies=True)


@pytest.mark.parametrize(
    ("written", "e164"),
    [("1900 1234", "+8419001234"), ("1900545463", "+841900545463"), ("1800 1090", "+8418001090")],
)
def test_a_hotline_identifies_nobody(written, e164):
    assert normalise_phone(written) == Phone(e164, "service", ambiguous=False, identifies=False)


@pytest.mark.parametrize("written", ["0999999999", "0888888888", "+84 333 333 333"])
def test_a_placeholder_identifies_nobody(written):
    phone = phone_in(written)
    assert phone.kind == "mobile"
    assert not phone.identifies


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("+1 415 555 2671", "+14155552671"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+81-3-1234-5678", "+81312345678"),
    ],
)
def test_a_number_with_another_country_code_is_foreign(written, e164):
    assert normalise_phone(written) == Phone(e164, "foreign", ambiguous=False, identifies=True)


def test_a_foreign_hotline_identifies_nobody():
    assert normalise_phone("+1 800 555 0199") == Phone("+18005550199", "foreign", ambiguous=False, identifies=False)


def test_numbers_without_a_country_code_belong_to_the_region():
    assert e164s("(415) 555-2671", region="US") == ["+14155552671"]
    assert e164s("+84 912 345 678", region="US") == ["+84912345678"]
    assert e164s("0912345678", region="US") == []


@pytest.mark.parametrize(
    "cell",
    [
        "0912345678 / 0287654321/ 0987654321",
        "0912345678;02 8765 4321 ; 0987654321",
    ],
)
def test_what_is_no_number_between_two_numbers_is_left_out(cell):
    assert e164s(cell) == ["+84912345678", "+84987654321"]


@pytest.mark.parametrize(
    "cell",
    [
        "0912345678/0987654321",
        "0912345678 - 0987654321",
        "0912345678-0987654321",
        "0912.345.678 - 0987.654.321",
        "0912 345 678 0987 654 321",
        "0912345678 0987654321",
        "912345678 987654321",
        "0912345678, 0987654321",
        "0912345678\n0987654321",
        "0912345678 hoặc 0987654321",
        "+84912345678 +84987654321",
        "0912345678 (vợ: 0987654321)",
        "0912345678; 0912 345 678; 0987654321",
    ],
)
def test_two_numbers_in_a_cell_are_both_found(cell):
    assert e164s(cell) == ["+84912345678", "+84987654321"]
    assert phone_in(cell).e164 == "+84912345678"


def test_a_landline_keeps_its_own_digits_and_not_those_of_the_extension():
    for cell in ("024 38251234 ext 12", "024.38251234/35", "(024) 3825 1234 - máy lẻ 101", "02438251234 101"):
        assert e164s(cell) == ["+842438251234"]


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        " ",
        "không có",
        "113",
        "38251234",
        "0123456789",
        "9.12346E+08",
        "12/05/2024",
        "091234567",
        "09123456789",
        "+84",
        "+",
        "0",
        "00",
        "０",
        "①②③④⑤⑥⑦⑧⑨⑩",
        "\ud800",
        "\x00",
        "+999 123 456 789",
    ],
)
def test_what_is_no_number_is_none(garbage):
    assert normalise_phone(garbage) is None
    assert parse_phones(garbage) == []


@given(st.text() | st.text(alphabet="0123456789+-. ()/,E٣３ab\u202c"))
def test_no_text_makes_it_raise_and_what_it_finds_is_valid(text):
    for phone in parse_phones(text):
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone.e164))


@given(st.from_regex(r"(\+|00|0|84|\+84|)[0-9]{3,13}", fullmatch=True))
def test_normalising_twice_changes_nothing(text):
    phone = normalise_phone(text)
    assert phone is None or normalise_phone(phone.e164) == phone


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True))
def test_the_fast_path_accepts_what_libphonenumber_takes_for_a_mobile(text):
    parsed = phonenumbers.parse(text, "VN")
    is_mobile = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
    phone = normalise_phone(text)
    if text[:3] in ("030", "031"):  # libphonenumber takes them for mobiles, but no operator has them
        assert phone is not None
        assert phone.kind == "landline"
    else:
        assert is_mobile == (phone is not None and phone.kind == "mobile")


@pytest.mark.parametrize("alphabet", ["0", "09 ", "+1 ", "02 38251234 ", "0912345678/", "(", "8 4 ", "３ "])
def test_ten_kilobytes_of_garbage_cost_little(alphabet):
    text = (alphabet * 10_000)[:10_000]
    parse_phones(text)  # the first call loads the metadata of its regions
    started = time.process_time()
    parse_phones(text)
    assert time.process_time() - started < 0.1
