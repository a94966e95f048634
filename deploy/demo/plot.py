"""The demo company's half year, act by act: the same for the same moment at which it ends.

Everybody's story is told on as if it never ended; what lies behind the present moment has not happened yet, so that
some of it is under way in every stage.
"""

import math
from datetime import datetime, timedelta
from typing import Any

from deploy.demo import company, words
from deploy.demo.acts import WEEK, WEEKS, Act, at_work, id_of, later
from deploy.demo.desk import desk_stories
from deploy.demo.leads import Arrival, arrivals
from deploy.people import PeopleGenerator
from deploy.people.dice import Dice, Odds

REGULARS = 110
REGULAR_DEALS = 36
PART = 2 * WEEK
_STAGES = ("needs", "proposal", "negotiation", "closing")


def plot(told_at: datetime) -> list[Act]:
    """Everything that has happened until then, in its order."""
    since = told_at - WEEKS * WEEK
    acts = [act for arrival in arrivals(since, told_at) for act in _lead_story(arrival)]
    acts += [act for number in range(1, REGULAR_DEALS + 1) for act in _regular_story(number, since)]
    acts += desk_stories(since, told_at, REGULARS)
    return sorted((act for act in acts if act.at < told_at), key=lambda act: act.at)


def regular_of(number: int) -> str:
    """The key of a customer of old."""
    return f"KH-{number:03}"


def _lead_story(arrival: Arrival) -> list[Act]:
    dice, key = Dice(f"lead {company.SEED} {arrival.key}"), arrival.key
    acts = [Act(arrival.at, "channels", "push", key, {"partner": arrival.partner, "facts": arrival.facts})]
    if arrival.is_repeat or dice.chance(0.05):
        return acts
    # Who sends a lead twice does so within two days: it is still open then.
    called = later(arrival.at, dice, 0.1, 1.5)
    acts.append(Act(called, "sales", "contact", key))
    if dice.chance(0.7):  # the others were not written down
        acts.append(Act(called, "activities", "call", key, {"noun": "lead", "result": dice.pick(words.CALLED)}))
    if dice.chance(0.24):
        over = later(called, dice, 1, 9)
        return [*acts, Act(over, "sales", "disqualify", key, {"reason": dice.pick(words.DISQUALIFIED)})]
    if dice.chance(0.16):
        return acts
    qualified = later(arrival.at, dice, 5, 13)
    lines = _lines(dice)
    known = arrival.tax_code is not None or dice.chance(0.5)
    facts: dict[str, Any] = {
        "amount": _amount(lines),
        "tax_code": arrival.tax_code,
        "known": known,
        "name": _deal_name(lines),
    }
    facts["close_on"] = (qualified + timedelta(days=45)).date()
    acts.append(Act(qualified, "sales", "qualify", key, facts))
    return acts + _deal(key, qualified, lines, dice, known=known)


def _regular_story(number: int, since: datetime) -> list[Act]:
    key = f"CH-{number:03}"
    dice = Dice(f"deal {company.SEED} {key}")
    at = at_work(since + timedelta(days=dice.between(1, WEEKS * 7 - 1)), dice)
    lines = _lines(dice)
    facts = {
        "account": regular_of(1 + int(dice.roll() * REGULARS)),
        "amount": _amount(lines),
        "name": _deal_name(lines),
        "close_on": (at + timedelta(days=40)).date(),
    }
    return [Act(at, "sales", "open_deal", key, facts), *_deal(key, at, lines, dice, known=True)]


def _deal(key: str, begun: datetime, lines: list[tuple[int, int]], dice: Dice, *, known: bool) -> list[Act]:
    acts: list[Act] = []
    at = begun
    for stage in _STAGES if known else _STAGES[:1]:
        at = later(at, dice, 3, 9)
        acts.append(Act(at, "sales", "advance", key, {"stage": stage}))
        if stage == "needs":
            acts.append(Act(at, "activities", "visit", key, {"result": dice.pick(words.SURVEYED)}))
        if stage == "proposal":
            acts.append(Act(at + timedelta(minutes=20), "sales", "quote", key, {"lines": lines}))
        if dice.chance(0.11):
            return [*acts, Act(later(at, dice, 2, 8), "sales", "lose", key, {"reason": dice.pick(words.LOST)})]
    won = later(at, dice, 2, 7)
    acts.append(Act(won, "sales", "win", key))
    return acts + _order(key, won, dice) if known else acts


def _order(key: str, won: datetime, dice: Dice) -> list[Act]:
    confirmed = later(won, dice, 0.02, 1.5)
    released = later(confirmed, dice, 0.05, 1.2)
    shipped = later(released, dice, 1, 6)
    delivered = later(shipped, dice, 0.2, 3)
    invoiced = later(delivered, dice, 0.05, 1)
    days = dice.pick((15, 30, 30, 30, 45))
    acts = [
        Act(confirmed, "sales", "confirm", key),
        Act(released, "sales", "release", key),
        Act(shipped, "sales", "ship", key),
        Act(delivered, "sales", "deliver", key),
        Act(invoiced, "sales", "invoice", key, {"days": days}),
    ]
    if dice.chance(0.16):
        return acts  # and nobody has paid since
    share = 100 if dice.chance(0.72) else int(dice.between(3, 7)) * 10
    paid = later(invoiced, dice, 4, days + 8)
    acts.append(Act(paid, "sales", "pay", key, {"share": share, "method": dice.pick(words.METHODS), "part": 1}))
    if share < 100 and dice.chance(0.5):
        rest = later(paid, dice, 10, 30)
        acts.append(Act(rest, "sales", "pay", key, {"share": 100, "method": words.METHODS[0], "part": 2}))
    return acts


def _lines(dice: Dice) -> list[tuple[int, int]]:
    """Places in the list of products, and how many of each."""
    odds = Odds({place: product.often for place, product in enumerate(company.PRODUCTS)})
    chosen = dict.fromkeys(odds.draw(dice) for _ in range(1 + int(dice.roll() * 3)))
    return [(place, 1 if company.PRODUCTS[place].price > 50_000_000 else int(dice.between(1, 5))) for place in chosen]


def _amount(lines: list[tuple[int, int]]) -> int:
    return sum(company.PRODUCTS[place].price * quantity for place, quantity in lines)


def _deal_name(lines: list[tuple[int, int]]) -> str:
    place, quantity = max(lines, key=lambda line: company.PRODUCTS[line[0]].price * line[1])
    product = company.PRODUCTS[place]
    return product.name if quantity == 1 else f"{quantity} × {product.name}"


def part_of(act: Act, since: datetime) -> int:
    """In which part of the past it falls, from 0: so much of it is told at once."""
    return math.floor((act.at - since) / PART)


def facts_of_regulars() -> list[dict[str, Any]]:
    """The customers of old, with how they can be reached, and who looks after each."""
    people = PeopleGenerator(company.SEED + 1)
    dice = Dice(f"regulars {company.SEED}")
    return [
        {
            "key": regular_of(number),
            "id": id_of("account", regular_of(number)),
            "company": people.company(),
            "person": people.person() if dice.chance(0.6) else None,
            "seller": number % len(company.SELLERS),
        }
        for number in range(1, REGULARS + 1)
    ]
