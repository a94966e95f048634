"""What customers of old ask the service department, and their service contracts."""

from datetime import datetime, timedelta

from deploy.demo import company, words
from deploy.demo.acts import Act, at_work, id_of, later
from deploy.people.dice import Dice

CASES = 76
# Of the last ones somebody on duty takes care, whatever the day is.
RECENT = 10
CONTRACTS = 34


def desk_stories(since: datetime, until: datetime, regulars: int) -> list[Act]:
    """Contracts and articles from the first weeks, cases all along and more of them lately."""
    acts = [*_contracts(since, regulars), *_articles(since)]
    for number in range(1, CASES + 1):
        left = CASES - number
        share = ((number - 0.5) / CASES) ** 0.7
        at = until - timedelta(hours=4 * left + 1) if left < RECENT else since + share * (until - since)
        acts += _case_story(number, at, regulars, on_duty=left < RECENT)
    return acts


def _contracts(since: datetime, regulars: int) -> list[Act]:
    dice, acts = Dice(f"contracts {company.SEED}"), []
    for number in range(1, CONTRACTS + 1):
        at = at_work(since + timedelta(days=dice.between(1, 40)), dice)
        begun = (at - timedelta(days=dice.between(0, 300))).date()
        facts = {
            "name": dice.pick(("Bảo trì trọn gói", "Bảo trì theo quý", "Bảo hành mở rộng")),
            "account_id": _customer(number, regulars),
            "starts_on": begun,
            "ends_on": begun + timedelta(days=365),
            "cases_allotted": dice.pick((None, 2, 4, 12)),
            "custom": {},
        }
        acts.append(Act(at, "service_desk", "contract", f"HD-{number:03}", facts))
    return acts


def _articles(since: datetime) -> list[Act]:
    acts = []
    for number, (title, body) in enumerate((*words.ARTICLES, words.DRAFTED), 1):
        key = f"BV-{number:02}"
        written = at_work(since + timedelta(days=3 * number), Dice(key))
        facts = {"title": title, "body": body, "language": "vi", "tags": ["hướng dẫn"], "custom": {}}
        acts.append(Act(written, "service_desk", "write_article", key, facts))
        acts.append(Act(written + timedelta(hours=2), "service_desk", "submit_article", key))
        if number <= len(words.ARTICLES):
            acts.append(Act(written + timedelta(days=1), "service_desk", "publish_article", key))
    return acts


def _case_story(number: int, opened: datetime, regulars: int, *, on_duty: bool) -> list[Act]:
    dice, key = Dice(f"case {company.SEED} {number}"), f"YC-{number:03}"
    kind, priority, category, subject, said, remedy = words.CASES[number % len(words.CASES)]
    # Half of them come from the third of the customers who have a contract.
    account = _customer(1 + int(dice.roll() * (CONTRACTS if dice.chance(0.5) else regulars)), regulars)
    facts = {"type": kind, "priority": priority, "category": category, "subject": subject, "description": said}
    facts |= {"account_id": account, "product_id": id_of("product", dice.pick(company.PRODUCTS).code)}
    agent = company.AGENTS[number % len(company.AGENTS)].email
    acts = [Act(opened, "service_desk", "open_case", key, {"facts": facts, "agent": agent})]
    in_time = dice.chance(0.85)
    answered = later(opened, dice, 0.02, 0.12) if in_time else later(opened, dice, 1, 2)
    if on_duty and in_time:
        answered = opened + timedelta(hours=3)
    acts.append(Act(answered, "service_desk", "answer", key, {"agent": agent}))
    at = answered
    if dice.chance(0.35) or on_duty:
        at = answered + timedelta(hours=6) if on_duty else later(answered, dice, 0.1, 0.6)
        acts.append(Act(at, "service_desk", "ask_back", key, {"agent": agent}))
        at = later(at, dice, 0.3, 2.5)
        acts.append(Act(at, "service_desk", "hear", key))
    if priority in ("high", "urgent") and dice.chance(0.3):
        acts.append(Act(at + timedelta(minutes=9), "service_desk", "escalate", key, {"agent": agent}))
    resolved = later(at, dice, 0.3, 3)
    facts = {"agent": agent, "resolution": remedy, "article": f"BV-{1 + number % len(words.ARTICLES):02}"}
    acts.append(Act(resolved, "service_desk", "resolve", key, facts))
    if dice.chance(0.85):
        acts.append(Act(later(resolved, dice, 1, 3), "service_desk", "close", key, {"agent": agent}))
    return acts


def _customer(number: int, regulars: int) -> str:
    return id_of("account", f"KH-{1 + (number * 7) % regulars:03}")
