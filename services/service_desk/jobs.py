"""What the service desk does by the clock."""

from chassis.access import as_system
from chassis.clock import utcnow
from chassis.context import Context
from chassis.jobs import every
from chassis.service import Node
from services.service_desk.cases.actions import notice_breaches
from services.service_desk.cases.queries import run_out_cases


def mark_breaches(node: Node) -> None:
    """Every promise that was not kept is said to be broken, once, whoever looked at the case meanwhile."""
    left = True
    while left:
        now = utcnow().replace(microsecond=0)
        with node.begin(Context.fresh("service_desk")) as tx, as_system(tx, "clocks run out whoever owns the case"):
            left = sum(notice_breaches(tx, case, now) for case in run_out_cases(tx, now)) > 0


JOBS = (every(15, "service_desk.mark_breaches", run_long=mark_breaches),)
