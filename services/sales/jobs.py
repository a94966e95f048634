"""What sales does by the clock."""

from chassis.access import as_system
from chassis.context import Context
from chassis.jobs import daily_at
from chassis.service import Node
from services.sales.days import ZONE, today
from services.sales.quotes.actions import expire_quotes


def expire_old_quotes(node: Node) -> None:
    """Every quote whose last day has passed without an answer expires, some at a time."""
    day, left = today(), True
    while left:
        with node.begin(Context.fresh("sales")) as tx, as_system(tx, "quotes expire whoever owns them"):
            left = expire_quotes(tx, day=day) > 0


JOBS = (daily_at("00:05", ZONE, "sales.expire_quotes", run_long=expire_old_quotes),)
