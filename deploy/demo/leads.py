"""Which leads the partners push, and when: more from month to month, and some of them twice."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deploy.demo import company, words
from deploy.demo.acts import WEEK, ZONE
from deploy.people import PeopleGenerator, Person, respell_email, respell_phone
from deploy.people.dice import Dice, Odds

LEADS = 324
REPEATED_EVERY = 12


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead that a partner pushes. ``tax_code``: the company's, which the seller learns later."""

    at: datetime
    key: str
    partner: str
    facts: dict[str, Any]
    tax_code: str | None
    is_repeat: bool


def arrivals(since: datetime, until: datetime) -> Iterator[Arrival]:
    """Every lead, in the order of their days. Every twelfth is a person whom somebody has just sent before."""
    people, dice = PeopleGenerator(company.SEED), Dice(f"arrivals {company.SEED}")
    sources, before = Odds(words.SOURCES), [people.person()]
    for number in range(1, LEADS + 1):
        at = _moment(since, until, number, dice)
        tax_code = None
        if repeats := number % REPEATED_EVERY == 0:
            facts = _again(before[-1], random.Random(number))
        else:
            before.append(people.person())
            facts, tax_code = _first(before[-1], people, dice)
        facts |= _about(dice, sources) | {"external_id": key_of(number)}
        partner = company.PARTNERS[int(dice.roll() ** 1.4 * len(company.PARTNERS))]
        yield Arrival(at, key_of(number), partner, facts, tax_code, repeats)


def key_of(number: int) -> str:
    """How the partner calls its lead, and we its story."""
    return f"MQ-{number:04}"


def _moment(since: datetime, until: datetime, number: int, dice: Dice) -> datetime:
    # The share of the time that has passed rises more slowly than the number: there are more leads every month.
    share = ((number - 0.5) / LEADS) ** 0.78
    at: datetime = (since + share * (until - since - WEEK / 28)).astimezone(ZONE)
    # People write between seven in the morning and ten in the evening.
    if at.hour < 7:
        at = at.replace(hour=7 + int(dice.between(0, 2)), minute=at.minute)
    latest: datetime = until - timedelta(minutes=5 + LEADS - number)
    return min(at, latest)


def _first(person: Person, people: PeopleGenerator, dice: Dice) -> tuple[dict[str, Any], str | None]:
    facts = {"name": person.full_name, "phone": person.phone, "title": person.job_title}
    if dice.chance(0.7):
        facts["email"] = person.email
    if dice.chance(0.2):
        return facts, None
    employer = people.company()
    return facts | {"company": employer.name}, employer.tax_code


def _again(person: Person, rng: random.Random) -> dict[str, Any]:
    facts = {"name": person.full_name, "phone": respell_phone(person.phone, rng)}
    return facts | ({"email": respell_email(person.email, rng)} if rng.random() < 0.5 else {})


def _about(dice: Dice, sources: Odds[str]) -> dict[str, Any]:
    about: dict[str, Any] = {
        "source": sources.draw(dice),
        "product_interest": dice.pick(company.PRODUCTS).name,
    }
    if dice.chance(0.3):
        about["note"] = dice.pick(words.NEEDS)
    if dice.chance(0.7):
        about["consents"] = [{"purpose": "sales", "channel": "phone", "text_version": "2026-01"}]
    return about
