"""What operators do from the command line: migrate, look at what is parked, run it again or give it up."""

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.table import Table

from chassis import parked
from chassis.context import Context
from chassis.errors import RelataError
from chassis.migrate import pending
from chassis.service import Node
from chassis.settings import Settings
from deploy.installation import all_services, find_service, migrate_all, open_nodes, with_secret
from deploy.trouble import Trouble
from gateway.identity.first_start import FirstAdministrator, ensure_administrator

MOST_AT_ONCE = 10_000


def migrate_everything(settings: Settings) -> None:
    """Migrate all databases and see to the first administrator."""
    nodes = open_nodes(with_secret(settings), all_services(), pool_size=2)
    try:
        done = migrate_all(nodes)
        administrator = ensure_administrator(next(node for node in nodes if node.name == "gateway"))
    finally:
        for node in nodes:
            node.close()
    typer.echo(f"migrated: {', '.join(done)}" if done else "every database is up to date")
    if line := first_password(administrator):
        typer.echo(line)


def first_password(administrator: FirstAdministrator | None) -> str:
    """One line with the password that was made up for the first administrator; "" when none was."""
    if administrator is None or administrator.password is None:
        return ""
    return (
        f"Sign in / Đăng nhập      {administrator.email}  {administrator.password}"
        f"   (kept in / giữ ở {administrator.kept_in})"
    )


def list_parked(settings: Settings, service: str, limit: int) -> None:
    """A table of what waits for a person."""
    table = Table("service", "reference", "type", "attempts", "since", "reason")
    for node in _nodes(settings, service):
        with _closing(node), node.read() as tx:
            for item in parked.list_parked(tx, limit=limit):
                since = item.since.strftime("%Y-%m-%d %H:%M:%S")
                table.add_row(node.name, item.ref, item.type, str(item.attempts), since, item.reason)
    if not table.row_count:
        typer.echo("nothing is parked")
        return
    # A terminal's width must not cut references: they are there to be copied.
    Console(soft_wrap=True, width=None if sys.stdout.isatty() else 400).print(table)


def show_parked(settings: Settings, service: str, reference: str) -> None:
    """One parked thing with its body."""
    (node,) = _nodes(settings, service)
    with _closing(node), node.read() as tx:
        detail = parked.show(tx, reference)
    item = detail.parked
    to = f" to {item.what}" if item.kind == "delivery" else ""
    typer.echo(f"{item.ref}\n{item.type} {item.subject}{to}")
    typer.echo(f"attempts {item.attempts}, since {item.since}\n{item.reason}")
    if detail.behind:
        typer.echo(f"{detail.behind} later events wait behind it")
    typer.echo(detail.body)


def replay_parked(settings: Settings, service: str, references: list[str]) -> None:
    """Run parked things again; "all" means every one."""
    _settle(settings, service, references, parked.replay, "replayed")


def drop_parked(settings: Settings, service: str, references: list[str]) -> None:
    """Give parked things up."""
    _settle(settings, service, references, parked.drop, "dropped")


def _settle(settings: Settings, service: str, references: list[str], settle: Callable[..., None], done: str) -> None:
    (node,) = _nodes(settings, service)
    by = f"operator:{getpass.getuser()}"
    with _closing(node):
        if references == ["all"]:
            with node.read() as tx:
                references = [item.ref for item in parked.list_parked(tx, limit=MOST_AT_ONCE)]
        for reference in references:
            with node.begin(Context.fresh(by)) as tx:
                settle(tx, reference, by=by)
            typer.echo(f"{done} {reference}")
    if not references:
        typer.echo("nothing is parked")


def _nodes(settings: Settings, service: str) -> list[Node]:
    services = [find_service(service)] if service else all_services()
    nodes = open_nodes(settings, services, pool_size=1)
    if behind := [node.name for node in nodes if pending(node)]:
        raise Trouble(f"the database of {', '.join(behind)} is not up to date: run `relata migrate` first")
    return nodes


@contextmanager
def _closing(node: Node) -> Iterator[None]:
    try:
        yield
    except RelataError as error:
        raise Trouble(error.detail or error.code) from error
    finally:
        node.close()
