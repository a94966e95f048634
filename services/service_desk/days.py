"""Which day it is: where the company is, not in UTC. Numbers, contracts and working hours go by it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = "Asia/Ho_Chi_Minh"


def today() -> date:
    """The present day in Vietnam."""
    return datetime.now(ZoneInfo(ZONE)).date()
