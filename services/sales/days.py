"""Which day it is: where the company is, not in UTC. Numbers, taxes and due days go by it."""

from datetime import date
from zoneinfo import ZoneInfo

from chassis.clock import utcnow

ZONE = "Asia/Ho_Chi_Minh"


def today() -> date:
    """The present day in Vietnam."""
    return utcnow().astimezone(ZoneInfo(ZONE)).date()
