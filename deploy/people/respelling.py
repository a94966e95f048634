"""The same contact in another spelling, as the next partner's list will have it."""

import random
from collections.abc import Callable, Iterable, Iterator

from chassis.emails import normalise_email
from chassis.phones import AREA_CODES_OF_2017, MOBILE_PREFIXES_OF_2018, normalise_phone

_OLD_MOBILE_PREFIX = {today: old for old, today in MOBILE_PREFIXES_OF_2018.items()}
_OLD_AREA_CODE = {today: old for old, today in AREA_CODES_OF_2017.items()}


def respell_phone(e164: str, rng: random.Random) -> str:
    """`e164` as somebody else may have typed it: never the same text, always the same `normalise_phone`.

    Raises ValueError for what is no telephone number in E.164.
    """
    phone = normalise_phone(e164)
    if phone is None or phone.e164 != e164:
        raise ValueError("a telephone number in E.164 is wanted")
    return _first(lambda text: text != e164 and normalise_phone(text) == phone, _phone_spellings(e164), rng)


def respell_email(email: str, rng: random.Random) -> str:
    """`email` as somebody else may have typed it: never the same text, always the same `normalise_email`.

    Raises ValueError for what is no e-mail address.
    """
    normal = normalise_email(email)
    if normal is None:
        raise ValueError("an e-mail address is wanted")
    return _first(lambda text: text != email and normalise_email(text) == normal, _email_spellings(normal), rng)


def _first(fits: Callable[[str], bool], spellings: Iterable[str], rng: random.Random) -> str:
    """The first that fits, from a place chosen by chance; the spellings with white space around always do."""
    choices = list(spellings)
    start = int(rng.random() * len(choices))
    return next(text for text in choices[start:] + choices[:start] if fits(text))


def _phone_spellings(e164: str) -> Iterator[str]:
    yield f" {e164} "
    yield "00" + e164[1:]
    yield f"{e164[:3]} {e164[3:]}"
    if not e164.startswith("+84"):
        return
    national = e164[3:]
    yield f"84{national}"
    yield f"+84 (0){national}"
    yield f"0084 {national}"
    yield national  # a spreadsheet took it for a number
    yield f"{national}.0"
    for area, subscriber in _splits(national):
        yield f"0{area}{subscriber}"
        yield f"0{area} {subscriber}"
        yield f"(0{area}) {subscriber[:3]} {subscriber[3:]}"
        yield f"0{area}.{subscriber[:3]}.{subscriber[3:]}"
        yield f"0{area}-{subscriber[:4]}-{subscriber[4:]}"
        yield f"+84 {area} {subscriber[:3]} {subscriber[3:5]} {subscriber[5:]}"


def _splits(national: str) -> Iterator[tuple[str, str]]:
    """Prefix or area code, and the rest: of today, and of before 2018 or 2017 where there was another."""
    is_mobile = len(national) == 9
    digits = 2 if is_mobile or national.startswith(("24", "28")) else 3
    code, rest = national[:digits], national[digits:]
    yield code, rest
    old_codes = _OLD_MOBILE_PREFIX if is_mobile else _OLD_AREA_CODE
    if code in old_codes:
        yield old_codes[code], rest


def _email_spellings(normal: str) -> Iterator[str]:
    local, domain = normal.split("@")
    yield normal
    yield normal.upper()
    yield f"{local.upper()}@{domain}"
    yield f"{local}@{domain.upper()}"
    yield f"{local}@{domain.capitalize()}"
    yield f"{local.title()}@{domain}"
    yield f" {normal}"
    yield f"{normal} "
    yield f"\u00a0{local.capitalize()}@{domain}"
