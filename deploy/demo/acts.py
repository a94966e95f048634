"""What somebody did at some moment, and the working hours in which they do it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from deploy.people.dice import Dice

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKS = 26
WEEK = timedelta(days=7)
_OPENS, _CLOSES = 8, 17
_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Act:
    """``service`` did ``verb`` in the story ``key``; ``facts`` are what the verb needs to know."""

    at: datetime
    service: str
    verb: str
    key: str
    facts: dict[str, Any] = field(default_factory=dict)


def id_of(kind: str, key: str) -> str:
    """The id of the one record of this kind in this story: the same whenever the story is told."""
    return str(uuid5(NAMESPACE_URL, f"relata:demo:{kind}:{key}"))


def at_work(moment: datetime, dice: Dice) -> datetime:
    """This moment, or the next morning on which somebody works: Monday to Saturday, from eight to five."""
    here = moment.astimezone(ZONE)
    day = here if here.hour < _CLOSES else here + timedelta(days=1)
    if day.weekday() == _SUNDAY:
        day += timedelta(days=1)
    if day is here and here.hour >= _OPENS:
        return here
    return day.replace(hour=_OPENS, minute=int(dice.between(2, 58)), second=int(dice.between(0, 59)))


def later(moment: datetime, dice: Dice, least: float, most: float) -> datetime:
    """So many days after this moment, in working hours."""
    return at_work(moment + timedelta(days=dice.between(least, most)), dice)
