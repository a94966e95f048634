"""Vietnamese people and companies that look real and are not: for seeds, demonstrations and tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from chassis.phones import normalise_phone
from chassis.text import fold
from deploy.people import names, trades
from deploy.people.dice import Dice, Odds
from deploy.people.provinces import PROVINCES, Province

Gender = Literal["female", "male"]

# Operators by their share of subscribers, each with its prefixes.
_MOBILE_PREFIXES = {
    54: "32 33 34 35 36 37 38 39 86 96 97 98",  # Viettel
    22: "81 82 83 84 85 88 91 94",  # VinaPhone
    18: "70 76 77 78 79 89 90 93",  # MobiFone
    4: "52 56 58 92",  # Vietnamobile
    1: "59 99",  # Gmobile
    1.5: "87",  # Itel
}

# Names under .example and example.com never belong to anybody (RFC 2606): no seed or test writes to a stranger.
_MAIL_PROVIDERS = {
    "gmail.example": 66,
    "yahoo.example": 12,
    "outlook.example": 8,
    "icloud.example": 5,
    "hotmail.example": 4,
    "example.com": 3,
    "example.net": 2,
}

_TAX_CODE_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_BIRTH_YEARS = range(1956, 2007)
_YOUNGEST_ELDER = 1975


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. `phone` is a mobile in E.164; `middle_name` may be several words, or empty."""

    full_name: str
    family_name: str
    middle_name: str
    given_name: str
    gender: Gender
    salutation: str
    birth_year: int
    job_title: str
    email: str
    phone: str
    province: str
    province_code: str


@dataclass(frozen=True, slots=True)
class Company:
    """A company that does not exist. `phone` is a landline of its province in E.164; `tax_code` has 10 digits."""

    name: str
    tax_code: str
    phone: str
    email: str
    province: str
    province_code: str
    industry: str


class PeopleGenerator:
    """The same people and the same companies for the same seed, on every machine.

    No two of one generator share a phone, an e-mail address or a tax code; names repeat as seldom as in real life.
    Asking for companies does not change who the people are. The phones are of valid ranges and may belong to
    somebody: never dial them.
    """

    def __init__(self, seed: int) -> None:
        self._people = Dice(f"people {seed}")
        self._companies = Dice(f"companies {seed}")
        self._used: set[str] = set()
        self._provinces = Odds({province: province.people for province in PROVINCES})
        self._prefixes = Odds(
            {p: share / len(ps.split()) for share, ps in _MOBILE_PREFIXES.items() for p in ps.split()}
        )
        self._mail_providers = Odds(_MAIL_PROVIDERS)
        self._surnames = Odds(names.SURNAMES)
        self._middle_names = {
            "female": Odds(_weights(names.FEMALE_MIDDLE_NAMES)),
            "male": Odds(_weights(names.MALE_MIDDLE_NAMES)),
        }
        self._given_names = {
            "female": Odds(_weights(names.FEMALE_GIVEN_NAMES)),
            "male": Odds(_weights(names.MALE_GIVEN_NAMES)),
        }
        self._job_titles = Odds(_weights(names.JOB_TITLES, ", "))
        self._legal_forms = Odds(trades.LEGAL_FORMS)
        self._mailboxes = Odds(trades.MAILBOXES)

    def person(self) -> Person:
        """The next person."""
        dice = self._people
        province = self._provinces.draw(dice)
        gender: Gender = "female" if dice.chance(0.502) else "male"
        birth_year = max(dice.pick(_BIRTH_YEARS), dice.pick(_BIRTH_YEARS))  # customers are rather young than old
        family, middle, given = self._name(gender, province)
        return Person(
            full_name=" ".join(filter(None, (family, middle, given))),
            family_name=family,
            middle_name=middle,
            given_name=given,
            gender=gender,
            salutation=_salutation(gender, birth_year),
            birth_year=birth_year,
            job_title=self._job_titles.draw(dice),
            email=self._email(family, middle, given, birth_year),
            phone=self._mobile(),
            province=province.name,
            province_code=province.code,
        )

    def company(self) -> Company:
        """The next company."""
        dice = self._companies
        province = self._provinces.draw(dice)
        industry = dice.pick(tuple(trades.INDUSTRIES))
        trade = dice.pick(trades.INDUSTRIES[industry])
        own_name = _own_name(dice)
        domain = self._domain(own_name, trade)
        return Company(
            name=f"{self._legal_forms.draw(dice)} {trade} {own_name}",
            tax_code=self._tax_code(province),
            phone=self._landline(province),
            email=f"{self._mailboxes.draw(dice)}@{domain}",
            province=province.name,
            province_code=province.code,
            industry=industry,
        )

    def _name(self, gender: Gender, province: Province) -> tuple[str, str, str]:
        dice = self._people
        family = self._surnames.draw(dice)
        if province.is_southern:
            family = names.SOUTHERN_SPELLING.get(family, family)
        while (given := self._given_names[gender].draw(dice)) == family:
            pass
        middle = [] if dice.chance(0.03) else [self._middle_names[gender].draw(dice)]
        if gender == "female" and dice.chance(0.4):
            middle = ["Thị", *middle] if dice.chance(0.4) else ["Thị"]
        if middle and dice.chance(0.08):
            middle.insert(0, self._surnames.draw(dice))  # the mother's, a fashion of the young
        kept = [word for word in dict.fromkeys(middle) if word not in (family, given)]
        return family, " ".join(kept), given

    def _email(self, family: str, middle: str, given: str, birth_year: int) -> str:
        dice = self._people
        f, m, g = (fold(part).replace(" ", "") for part in (family, middle, given))
        initials = f[0] + "".join(word[0] for word in fold(middle).split())
        local = dice.pick(
            (f"{g}.{f}", f + m + g, f"{m}{g}", g + initials, f"{g}{f}{birth_year}", f"{g}{birth_year % 100:02}")
        )
        works_there = dice.chance(0.2)
        domain = _slug(_own_name(dice)) + ".example" if works_there else self._mail_providers.draw(dice)
        return self._unused(lambda attempt: f"{local}{dice.digits(attempt + 1) if attempt else ''}@{domain}")

    def _mobile(self) -> str:
        while True:
            e164 = "+84" + self._prefixes.draw(self._people) + self._people.digits(7)
            phone = normalise_phone(e164)
            is_plain = phone is not None and phone.kind == "mobile" and phone.identifies and not phone.ambiguous
            if is_plain and self._is_new(e164):
                return e164

    def _landline(self, province: Province) -> str:
        dice = self._companies
        area = dice.pick(province.area_codes)
        return self._unused(lambda _: f"+84{area}3{dice.pick('56789')}{dice.digits(8 - len(area))}")

    def _domain(self, own_name: str, trade: str) -> str:
        slug = _slug(own_name)
        tries = (slug, f"{slug}-vn", slug + _slug(trade))
        dice = self._companies
        return self._unused(lambda n: (tries[n] if n < len(tries) else slug + dice.digits(n)) + ".example")

    def _tax_code(self, province: Province) -> str:
        dice = self._companies
        while True:
            nine = province.tax_prefix + dice.digits(7)
            check_digit = (
                10 - sum(int(digit) * weight for digit, weight in zip(nine, _TAX_CODE_WEIGHTS, strict=True)) % 11
            )
            if check_digit < 10 and self._is_new(f"{nine}{check_digit}"):
                return f"{nine}{check_digit}"

    def _unused(self, make: Callable[[int], str]) -> str:
        attempt = 0
        while not self._is_new(made := make(attempt)):
            attempt += 1
        return made

    def _is_new(self, made: str) -> bool:
        if made in self._used:
            return False
        self._used.add(made)
        return True


def _weights(rows: Mapping[int, str], separator: str = " ") -> dict[str, float]:
    return {thing: weight for weight, things in rows.items() for thing in things.split(separator)}


def _salutation(gender: Gender, birth_year: int) -> str:
    is_elder = birth_year <= _YOUNGEST_ELDER
    if gender == "female":
        return "Bà" if is_elder else "Chị"
    return "Ông" if is_elder else "Anh"


def _own_name(dice: Dice) -> str:
    first = dice.pick(trades.FIRST_WORDS.split())
    second = dice.pick([word for word in trades.SECOND_WORDS.split() if word != first])
    return f"{first} {second}"


def _slug(text: str) -> str:
    return fold(text).replace(" ", "")
