import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chassis.emails import normalise_email
from chassis.phones import normalise_phone
from deploy.people import PeopleGenerator, respell_email, respell_phone

SEEDS = st.integers(min_value=0, max_value=2**32)


@given(SEEDS, SEEDS)
def test_a_respelled_mobile_is_another_text_and_the_same_phone(seed, chance):
    phone = PeopleGenerator(seed).person().phone
    respelled = respell_phone(phone, random.Random(chance))
    assert respelled != phone
    assert normalise_phone(respelled) == normalise_phone(phone)


@given(SEEDS, SEEDS)
def test_a_respelled_landline_is_another_text_and_the_same_phone(seed, chance):
    phone = PeopleGenerator(seed).company().phone
    respelled = respell_phone(phone, random.Random(chance))
    assert respelled != phone
    assert normalise_phone(respelled) == normalise_phone(phone)


@given(SEEDS, SEEDS)
def test_a_respelled_email_is_another_text_and_the_same_address(seed, chance):
    email = PeopleGenerator(seed).person().email
    respelled = respell_email(email, random.Random(chance))
    assert respelled != email
    assert normalise_email(respelled) == email


@given(st.emails(), SEEDS)
def test_any_address_can_be_respelled(email, chance):
    assume(normalise_email(email) is not None)
    respelled = respell_email(email, random.Random(chance))
    assert respelled != email
    assert normalise_email(respelled) == normalise_email(email)


@pytest.mark.parametrize(
    ("e164", "expected"),
    [
        ("+84381234567", {"01681234567", "0381234567", "0084381234567", "84381234567", "381234567", "(038) 123 4567"}),
        ("+842438251234", {"0438251234", "02438251234", "(04) 382 51234", "+84 24 382 51 234"}),
        ("+842363821234", {"05113821234", "02363821234", "0511-3821-234"}),
        ("+842838251234", {"(08) 382 51234", "028 38251234"}),
        ("+14155552671", {"0014155552671"}),
        ("+8419001234", {"+84 19001234"}),
    ],
)
def test_spellings_of_every_kind_come_up(e164, expected):
    rng = random.Random(5)
    respelled = {respell_phone(e164, rng) for _ in range(500)}
    assert expected <= respelled
    assert {normalise_phone(text) for text in respelled} == {normalise_phone(e164)}


def test_a_city_landline_is_never_respelled_as_what_may_be_a_mobile():
    rng = random.Random(5)
    assert "0838251234" not in {respell_phone("+842838251234", rng) for _ in range(500)}


def test_respelling_repeats_with_its_seed():
    def told(seed: int) -> list[str]:
        rng = random.Random(seed)
        return [respell_phone("+84381234567", rng) + respell_email("an@b.example", rng) for _ in range(50)]

    assert told(3) == told(3)
    assert told(3) != told(4)
    assert len(set(told(3))) > 20


@pytest.mark.parametrize("text", ["", "0381234567", "+84", "+840381234567", "an@b.example"])
def test_only_a_phone_in_e164_is_respelled(text):
    with pytest.raises(ValueError, match=r"E\.164"):
        respell_phone(text, random.Random(1))


@pytest.mark.parametrize("text", ["", "an", "an@b", "+84381234567"])
def test_only_an_email_address_is_respelled(text):
    with pytest.raises(ValueError, match="e-mail"):
        respell_email(text, random.Random(1))
