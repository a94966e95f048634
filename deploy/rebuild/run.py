"""From a reaction's name to a projection made anew. Whatever fails before the switch leaves the live one as it is."""

from datetime import timedelta

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chassis.clock import utcnow
from chassis.service import Node, Reaction, Service
from chassis.settings import Settings
from deploy.installation import all_services
from deploy.rebuild.replay import Replayed, oldest_time, replay, settle
from deploy.rebuild.shadow import Shadow
from deploy.rebuild.switch import switch
from deploy.trouble import Trouble
from services.channels.feed.actions import KEPT
from services.channels.service import CHANNELS

SHOWN = 3
PATIENCE_S = 60.0
CUT_SOON = timedelta(days=2)


def rebuild_projection(settings: Settings, name: str) -> int:
    """Replay the feed into shadow tables and switch; answers how many rows the projection has now. Raises Trouble.

    It may run beside everything else, may be killed, and goes on where it was when started again.
    """
    service, reaction = find_projection(name)
    live, feed = Node(service, settings, pool_size=3), Node(CHANNELS, settings, pool_size=1)
    try:
        count = rebuild(live, feed, reaction)
    finally:
        live.close()
        feed.close()
    typer.echo(f"{name} is rebuilt: {count} rows")
    return count


def find_projection(name: str) -> tuple[Service, Reaction]:
    """The projection of this name and its service; raises Trouble that lists those there are."""
    known = {reaction.name: (service, reaction) for service in all_services() for reaction in service.reactions}
    projections = sorted(each for each, (_, reaction) in known.items() if reaction.projection)
    if name not in projections:
        why = f"{name} does more than fill tables" if name in known else f"there is no reaction {name!r}"
        raise Trouble(f"{why}; what can be rebuilt: {', '.join(projections) or 'nothing'}")
    return known[name]


def rebuild(live: Node, feed: Node, reaction: Reaction, *, patience_s: float = PATIENCE_S) -> int:
    """Rebuild one projection of this node; ``patience_s`` bounds the wait for a feed that is behind."""
    _must_stand_alone(live.service, reaction)
    _must_reach_back(feed, reaction)
    shadow = Shadow(live, reaction)
    console = Console(stderr=True)
    try:
        with shadow.alone():
            if shadow.make():
                console.print("Going on where an earlier run stopped")
            count = _fill_and_switch(shadow, live, feed, console, patience_s)
            shadow.drop()
            return count
    finally:
        shadow.close()


def _fill_and_switch(shadow: Shadow, live: Node, feed: Node, console: Console, patience_s: float) -> int:
    with _progress(console) as progress:
        bar = progress.add_task("replayed", total=None)

        def catch_up() -> Replayed:
            return replay(shadow, feed, lambda position, end: progress.update(bar, completed=position, total=end))

        catch_up()
        _warn(console, settle(shadow, live))
        return switch(live, shadow, catch_up, patience_s=patience_s)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


def _warn(console: Console, stuck: list[str]) -> None:
    for reason in stuck[:SHOWN]:
        console.print(f"cannot be replayed: {reason}", soft_wrap=True, highlight=False)
    if len(stuck) > SHOWN:
        console.print(f"… and {len(stuck) - SHOWN} more", highlight=False)


def _must_stand_alone(service: Service, reaction: Reaction) -> None:
    own = {table.name for table in reaction.projection}
    for other in service.reactions:
        if other.name != reaction.name and own & {table.name for table in other.projection}:
            raise Trouble(f"{reaction.name} shares a table with {other.name}: one cannot be rebuilt without the other")
    for table in service.metadata.sorted_tables:
        pointing = {key.column.table.name for key in table.foreign_keys}
        if table.name not in own and own & pointing:
            raise Trouble(f"{table.name} points to {', '.join(own & pointing)}: its rows would lose what they point to")


def _must_reach_back(feed: Node, reaction: Reaction) -> None:
    # Of latest and strict the cursors tell at the switch what the feed no longer has; of any nothing does.
    if reaction.order != "any":
        return
    with feed.read() as tx:
        oldest = oldest_time(tx)
    if oldest is not None and oldest < utcnow() - KEPT + CUT_SOON:
        raise Trouble(f"{reaction.name} cannot be rebuilt: the feed keeps {KEPT.days} days and has begun to forget")
