"""Telephone numbers as people write them, turned into E.164: the one spelling that finds a twin.

Two renumberings hide twins in old lists. In 2017 all but four area codes for landlines changed, and in 2018 mobiles of
eleven digits lost one. Both are undone before libphonenumber, which knows only today's numbers, is asked.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberType

Kind = Literal["mobile", "landline", "service", "foreign"]

# Without the leading 0: a mobile of eleven digits and its prefix since September 2018 (Decision 798/QĐ-BTTTT).
MOBILE_PREFIXES_OF_2018 = {
    "120": "70",  # MobiFone
    "121": "79",  # MobiFone
    "122": "77",  # MobiFone
    "126": "76",  # MobiFone
    "128": "78",  # MobiFone
    "123": "83",  # VinaPhone
    "124": "84",  # VinaPhone
    "125": "85",  # VinaPhone
    "127": "81",  # VinaPhone
    "129": "82",  # VinaPhone
    "162": "32",  # Viettel
    "163": "33",  # Viettel
    "164": "34",  # Viettel
    "165": "35",  # Viettel
    "166": "36",  # Viettel
    "167": "37",  # Viettel
    "168": "38",  # Viettel
    "169": "39",  # Viettel
    "186": "56",  # Vietnamobile
    "188": "58",  # Vietnamobile
    "199": "59",  # Gmobile
}

# Without the leading 0: an area code and the one that replaced it in 2017 (Decision 2036/QĐ-BTTTT, in three steps).
# Phú Thọ 210, Vĩnh Phúc 211, Hòa Bình 218 and Hà Giang 219 kept theirs.
AREA_CODES_OF_2017 = {
    "20": "214",  # Lào Cai
    "22": "212",  # Sơn La
    "29": "216",  # Yên Bái
    "37": "237",  # Thanh Hóa
    "38": "238",  # Nghệ An
    "39": "239",  # Hà Tĩnh
    "52": "232",  # Quảng Bình
    "53": "233",  # Quảng Trị
    "54": "234",  # Thừa Thiên Huế
    "230": "215",  # Điện Biên
    "231": "213",  # Lai Châu
    "510": "235",  # Quảng Nam
    "511": "236",  # Đà Nẵng
    "25": "205",  # Lạng Sơn
    "26": "206",  # Cao Bằng
    "27": "207",  # Tuyên Quang
    "30": "229",  # Ninh Bình
    "31": "225",  # Hải Phòng
    "33": "203",  # Quảng Ninh
    "36": "227",  # Thái Bình
    "74": "294",  # Trà Vinh
    "76": "296",  # An Giang
    "77": "297",  # Kiên Giang
    "79": "299",  # Sóc Trăng
    "240": "204",  # Bắc Giang
    "241": "222",  # Bắc Ninh
    "280": "208",  # Thái Nguyên
    "281": "209",  # Bắc Kạn
    "320": "220",  # Hải Dương
    "321": "221",  # Hưng Yên
    "350": "228",  # Nam Định
    "351": "226",  # Hà Nam
    "710": "292",  # Cần Thơ
    "711": "293",  # Hậu Giang
    "780": "290",  # Cà Mau
    "781": "291",  # Bạc Liêu
    "4": "24",  # Hà Nội
    "8": "28",  # Hồ Chí Minh
    "55": "255",  # Quảng Ngãi
    "56": "256",  # Bình Định
    "57": "257",  # Phú Yên
    "58": "258",  # Khánh Hòa
    "59": "269",  # Gia Lai
    "60": "260",  # Kon Tum
    "61": "251",  # Đồng Nai
    "62": "252",  # Bình Thuận
    "63": "263",  # Lâm Đồng
    "64": "254",  # Bà Rịa - Vũng Tàu
    "66": "276",  # Tây Ninh
    "67": "277",  # Đồng Tháp
    "68": "259",  # Ninh Thuận
    "70": "270",  # Vĩnh Long
    "72": "272",  # Long An
    "73": "273",  # Tiền Giang
    "75": "275",  # Bến Tre
    "500": "262",  # Đắk Lắk
    "501": "261",  # Đắk Nông
    "650": "274",  # Bình Dương
    "651": "271",  # Bình Phước
}

# What may surround the digits of one number. Anything else, a slash or a word, stands between numbers.
_DROP_INNER = str.maketrans("", "", " .-()\u00a0'")

# The ranges in use, as libphonenumber has them but for 030 and 031: no mobiles, only old landlines, carry those.
_MOBILE = r"(?:(?:3[2-9]|5[1689]|7[06-9]|8[1-8]|9[0-8])\d|5(?:2[238]|59)|89[6-9]|99[013-9])\d{6}"
_PLAIN_MOBILE = re.compile(rf"(?:\+84|0084|84)?0?({_MOBILE})", re.ASCII)
_NATIONAL_MOBILE = re.compile(_MOBILE, re.ASCII)

# 08 and eight digits was a landline of Hồ Chí Minh City until 2017, in these ranges; the same ten digits may be a
# mobile of today. Old codes of provinces overlap too, but there a mobile is by far the likelier reading.
_MOBILE_OR_OLD_LANDLINE = re.compile(r"\+848(?:22|3[5-9]|54|62|66|71|73)\d{6}", re.ASCII)
_OLD_CITY_CODE_IN_BRACKETS = re.compile(r"\( *(?:\+?84|0084)?[ .-]*0?8 *\)([\d .-]{8,})", re.ASCII)

_BETWEEN_NUMBERS = re.compile(r"[^\d+ .\-()]+", re.ASCII)
_DIGIT_GROUP = re.compile(r"\+?\d+", re.ASCII)
_EXCEL_FLOAT = re.compile(r"\s*(\d{8,12})[.,]0+\s*", re.ASCII)
_EXCEL_THOUSANDS = re.compile(r"\s*\d{1,3}(?:,\d{3}){2,3}\s*", re.ASCII)
_EXCEL_SCIENTIFIC = re.compile(r"\s*(\d)[.,](\d{1,14})[eE]\+?(\d{1,2})\s*", re.ASCII)
_MOST_CHARACTERS = 1000  # a cell with numbers is far shorter, and garbage must not cost more than this
_MOST_GROUPS = 7
_MOST_DIGITS = 17  # 00 and the fifteen digits E.164 allows

_HOTLINES = {
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
}


@dataclass(frozen=True, slots=True)
class Phone:
    """One telephone number.

    `ambiguous`: today's mobile or an old landline of somebody else; merge records on it only by a person's choice.
    `identifies`: whether it can tell one party from another; false for hotlines and placeholders such as 0999999999.
    """

    e164: str
    kind: Kind
    ambiguous: bool
    identifies: bool


def normalise_phone(text: str) -> Phone | None:
    """The first telephone number in `text`, as `parse_phones` reads it, or None when there is none."""
    return next(iter(parse_phones(text)), None)


def parse_phones(text: str, region: str = "VN") -> list[Phone]:
    """The distinct telephone numbers in one cell or sentence, in their order; empty when there are none.

    Numbers without a country code are read as numbers of `region` (ISO 3166). Only the first 1,000 characters are
    read. Never raises.
    """
    if region == "VN" and (plain := _plain_mobile(text)):
        return [plain]
    readable = _without_excel_notation(_as_ascii_digits(text[:_MOST_CHARACTERS]))
    if region == "VN":
        readable = _OLD_CITY_CODE_IN_BRACKETS.sub(r"028 \1", readable)
    found: dict[str, Phone] = {}
    for chunk in _BETWEEN_NUMBERS.split(readable):
        for phone in _phones_in_chunk(_DIGIT_GROUP.findall(chunk), region):
            found.setdefault(phone.e164, phone)
    return list(found.values())


def _plain_mobile(text: str) -> Phone | None:
    """The fast path: most leads carry one Vietnamese mobile and nothing else."""
    if len(text) > 40:
        return None
    match = _PLAIN_MOBILE.fullmatch(text.translate(_DROP_INNER))
    if match is None or ("(" in text and _OLD_CITY_CODE_IN_BRACKETS.search(text)):
        return None
    return _mobile(match[1])


def _mobile(national: str) -> Phone:
    e164 = "+84" + national
    return Phone(
        e164,
        "mobile",
        ambiguous=national[0] == "8" and _MOBILE_OR_OLD_LANDLINE.fullmatch(e164) is not None,
        identifies=national.count(national[0]) < len(national),
    )


def _without_excel_notation(text: str) -> str:
    """Undo what a spreadsheet does to a column of numbers; no number where it has lost digits."""
    if match := _EXCEL_FLOAT.fullmatch(text):
        return match[1]
    if _EXCEL_THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    if match := _EXCEL_SCIENTIFIC.fullmatch(text):
        return match[1] + match[2] if len(match[2]) == int(match[3]) else ""
    return text


def _as_ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(map(_as_ascii, unicodedata.normalize("NFKC", text)))


def _as_ascii(character: str) -> str:
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Cf":  # direction marks surround numbers copied from an address book
            return ""
        case _:
            return character


def _phones_in_chunk(groups: list[str], region: str) -> list[Phone]:
    """Join neighbouring groups of digits into numbers, the longest that is a number first."""
    found: list[Phone] = []
    start = 0
    while start < len(groups):
        for end in range(min(start + _MOST_GROUPS, len(groups)), start, -1):
            if phone := _one_number("".join(groups[start:end]), region):
                found.append(phone)
                start = end
                break
        else:
            start += 1
    return found


def _one_number(digits: str, region: str) -> Phone | None:
    if not 7 <= len(digits) <= _MOST_DIGITS or "+" in digits[1:]:
        return None
    if digits.startswith("+0"):
        digits = digits[1:]
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+84"):
        return _vietnamese(digits[3:].removeprefix("0"))
    if digits.startswith("+") or region != "VN":
        return _by_library(digits, region)
    # 84 is the country code only where enough digits follow: 0843851234 without its zero is nine digits long.
    if digits.startswith("84") and len(digits) >= 11:
        return _vietnamese(digits[2:].removeprefix("0"))
    if digits.startswith(("0", "1800", "1900")) or len(digits) in (9, 10):
        return _vietnamese(digits.removeprefix("0"))
    return None  # a landline without its area code: guessing one would join strangers


def _vietnamese(national: str) -> Phone | None:
    """The number `national`, without country code and leading 0, of today or from before 2017 and 2018."""
    if _NATIONAL_MOBILE.fullmatch(national):
        return _mobile(national)
    if not 7 <= len(national) <= 10:
        return None
    return _by_library("+84" + _of_today(national), "VN")


def _of_today(national: str) -> str:
    """Today's form of a number that can only be from before the changes; any other as it is."""
    if len(national) == 10 and national[:3] in MOBILE_PREFIXES_OF_2018:
        return MOBILE_PREFIXES_OF_2018[national[:3]] + national[3:]
    for area_digits, all_digits in ((3, 10), (2, 9), (1, 9)):
        area = national[:area_digits]
        if len(national) == all_digits and area in AREA_CODES_OF_2017:
            return AREA_CODES_OF_2017[area] + national[area_digits:]
    return national


def _by_library(number: str, region: str) -> Phone | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    number_type = phonenumbers.number_type(parsed)
    identifies = number_type not in _HOTLINES
    if parsed.country_code != 84:
        return Phone(e164, "foreign", ambiguous=False, identifies=identifies)
    if number_type == PhoneNumberType.MOBILE:
        return _mobile(e164[3:])
    return Phone(e164, "landline" if identifies else "service", ambiguous=False, identifies=identifies)
