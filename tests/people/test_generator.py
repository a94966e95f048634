import subprocess
import sys
from collections import Counter
from datetime import date

import phonenumbers
import pytest
from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.emails import normalise_email
from chassis.phones import AREA_CODES_OF_2017, Phone, normalise_phone
from chassis.text import given_name, nfc
from deploy.people import Company, PeopleGenerator, Person
from deploy.people.names import FEMALE_GIVEN_NAMES, FEMALE_MIDDLE_NAMES, MALE_GIVEN_NAMES, MALE_MIDDLE_NAMES
from deploy.people.provinces import PROVINCES


@pytest.fixture(scope="module")
def people() -> list[Person]:
    generator = PeopleGenerator(7)
    return [generator.person() for _ in range(8000)]


@pytest.fixture(scope="module")
def companies() -> list[Company]:
    generator = PeopleGenerator(7)
    return [generator.company() for _ in range(3000)]


def test_seed_1_begins_with_the_same_person_and_company_for_ever():
    generator = PeopleGenerator(1)
    assert generator.person() == Person(
        full_name="Nguyễn Đình Bách",
        family_name="Nguyễn",
        middle_name="Đình",
        given_name="Bách",
        gender="male",
        salutation="Ông",
        birth_year=1970,
        job_title="Kế toán",
        email="bachnguyen1970@gmail.example",
        phone="+84782321927",
        province="Tỉnh Bắc Ninh",
        province_code="24",
    )
    assert generator.company() == Company(
        name="Công ty TNHH Đào tạo Thiên Thắng",
        tax_code="0255027985",
        phone="+842203825416",
        email="sales@thienthang.example",
        province="Thành phố Hải Phòng",
        province_code="31",
        industry="Giáo dục và đào tạo",
    )


def test_another_process_meets_the_same_people(people):
    script = (
        "from deploy.people import PeopleGenerator; g = PeopleGenerator(7);"
        "print(ascii([g.person() for _ in range(300)][-1]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONHASHSEED": "4"}, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == ascii(people[299])


def test_asking_for_companies_does_not_change_the_people(people):
    generator = PeopleGenerator(7)
    for person in people[:200]:
        generator.company()
        assert generator.person() == person


def test_another_seed_is_another_crowd(people):
    generator = PeopleGenerator(8)
    strangers = {generator.person().full_name for _ in range(100)}
    assert strangers != {person.full_name for person in people[:100]}


def test_eight_thousand_people_share_no_phone_and_no_email(people):
    assert len({person.phone for person in people}) == 8000
    assert len({person.email for person in people}) == 8000


@pytest.mark.parametrize("seed", [0, 1, 2, 2026])
def test_eight_thousand_people_have_more_than_six_thousand_names(seed):
    generator = PeopleGenerator(seed)
    assert len({generator.person().full_name for _ in range(8000)}) > 6000


@settings(max_examples=20, deadline=None)
@given(st.integers())
def test_every_phone_is_a_mobile_that_identifies_one_party(seed):
    generator = PeopleGenerator(seed)
    for _ in range(50):
        phone = generator.person().phone
        assert normalise_phone(phone) == Phone(phone, "mobile", ambiguous=False, identifies=True)
        parsed = phonenumbers.parse(phone)
        assert phonenumbers.is_valid_number(parsed)
        assert phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE


def test_no_email_address_can_belong_to_anybody(people, companies):
    for email in [each.email for each in people] + [each.email for each in companies]:
        assert normalise_email(email) == email
        assert email.endswith((".example", "@example.com", "@example.net"))


def test_email_addresses_pass_the_strictest_check(people):
    for person in people[:300]:
        validate_email(person.email, check_deliverability=False)


def test_a_full_name_is_family_middle_given_with_accents_composed(people):
    for person in people:
        assert person.full_name.split() == [person.family_name, *person.middle_name.split(), person.given_name]
        assert given_name(person.full_name) == person.given_name
        assert nfc(person.full_name) == person.full_name
        assert len(set(person.full_name.split())) == len(person.full_name.split())
    assert sum(not person.full_name.isascii() for person in people) > 7000


def test_surnames_are_as_frequent_as_in_the_country(people):
    share = {name: count / 80 for name, count in Counter(person.family_name for person in people).items()}
    assert share["Nguyễn"] == pytest.approx(38.4, abs=2)
    assert share["Trần"] == pytest.approx(11, abs=1.5)
    assert share["Lê"] == pytest.approx(9.5, abs=1.5)
    assert share["Phạm"] == pytest.approx(7.1, abs=1.2)
    assert len(share) > 40


def test_huynh_and_vo_live_in_the_south_and_hoang_and_vu_in_the_north(people):
    southern = {province.code for province in PROVINCES if province.is_southern}
    for person in people:
        if person.family_name in ("Huỳnh", "Võ"):
            assert person.province_code in southern
        if person.family_name in ("Hoàng", "Vũ"):
            assert person.province_code not in southern


def test_names_and_salutations_fit_gender_and_age(people):
    assert 3700 < sum(person.gender == "female" for person in people) < 4300
    for person in people:
        women_only = "Thị" in person.middle_name.split()
        assert person.gender == "female" or not women_only
        assert "Văn" not in person.middle_name.split() or person.gender == "male"
        young, elder = ("Chị", "Bà") if person.gender == "female" else ("Anh", "Ông")
        assert person.salutation == (elder if person.birth_year <= 1975 else young)
        assert 18 <= date(2026, 11, 1).year - person.birth_year <= 75


@pytest.mark.parametrize("table", [MALE_MIDDLE_NAMES, MALE_GIVEN_NAMES, FEMALE_MIDDLE_NAMES, FEMALE_GIVEN_NAMES])
def test_no_name_stands_twice_in_a_table(table):
    words = " ".join(table.values()).split()
    assert len(words) == len(set(words))


def test_the_country_has_thirty_four_provinces_of_which_seven_are_cities():
    assert len(PROVINCES) == len({province.code for province in PROVINCES}) == 34
    cities = {province.name for province in PROVINCES if province.name.startswith("Thành phố ")}
    assert cities == {
        "Thành phố Hà Nội",
        "Thành phố Huế",
        "Thành phố Hải Phòng",
        "Thành phố Đà Nẵng",
        "Thành phố Đồng Nai",
        "Thành phố Hồ Chí Minh",
        "Thành phố Cần Thơ",
    }
    assert all(province.name.startswith(("Thành phố ", "Tỉnh ")) for province in PROVINCES)


def test_every_area_code_serves_exactly_one_province():
    served = sorted(area for province in PROVINCES for area in province.area_codes)
    assert served == sorted([*AREA_CODES_OF_2017.values(), "210", "211", "218", "219"])


def test_people_live_in_every_province_and_most_of_them_where_most_people_live(people):
    homes = Counter(person.province for person in people)
    assert set(homes) == {province.name for province in PROVINCES}
    assert homes.most_common(1)[0][0] == "Thành phố Hồ Chí Minh"
    by_code = {province.code: province.name for province in PROVINCES}
    assert all(by_code[person.province_code] == person.province for person in people)


def test_companies_share_no_tax_code_no_phone_and_no_email(companies):
    for seen in ("tax_code", "phone", "email"):
        assert len({getattr(company, seen) for company in companies}) == 3000
    assert len({company.name for company in companies}) > 2900


def has_right_check_digit(tax_code: str) -> bool:
    weighted = sum(int(d) * w for d, w in zip(tax_code[:9], [31, 29, 23, 19, 17, 13, 7, 5, 3], strict=True))
    return len(tax_code) == 10 and int(tax_code[9]) == 10 - weighted % 11


def test_tax_codes_have_a_right_check_digit(companies):
    for real in ("0100109106", "0101243150", "0313028740", "0101452595"):
        assert has_right_check_digit(real)
    assert not has_right_check_digit("0100109107")
    assert all(has_right_check_digit(company.tax_code) for company in companies)


def test_a_company_has_a_landline_of_its_province(companies):
    area_codes = {province.code: province.area_codes for province in PROVINCES}
    for company in companies:
        phone = normalise_phone(company.phone)
        assert phone == Phone(company.phone, "landline", ambiguous=False, identifies=True)
        assert company.phone[3:].startswith(area_codes[company.province_code])
