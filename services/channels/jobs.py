"""What channels does by the clock."""

from chassis.jobs import every
from chassis.service import Node
from services.channels.feed.actions import forget_oldest


def forget_old_events(node: Node) -> None:
    """Keep the feed to a year, in slices that give its lock back quickly."""
    more = True
    while more:
        with node.db.begin() as tx:
            more = forget_oldest(tx)


JOBS = (every(3600, "channels.forget_old_events", run_long=forget_old_events),)
