"""The demo company, with half a year behind it, told to the services by their own actions."""

import gc
from collections.abc import Callable
from datetime import datetime

import typer
from sqlalchemy import Engine, event, select
from sqlalchemy.engine.interfaces import DBAPIConnection

from chassis.clock import utcnow
from chassis.service import Node
from chassis.settings import Settings
from deploy.demo import company
from deploy.demo.carrying import Carrier
from deploy.demo.kept import Kept, alone, read_kept
from deploy.demo.staffing import hand_out_keys, staff
from deploy.demo.telling import Teller
from deploy.installation import GATEWAY, all_services, open_nodes, with_secret
from deploy.trouble import Trouble
from gateway.identity.partners.model import Partner
from gateway.identity.users.model import User

Say = Callable[[str], None]


def seed_demo(settings: Settings, *, say: Say = typer.echo) -> bool:
    """Load what is missing of the demo company; answers whether anything was. Raises Trouble.

    The databases must be migrated. Run twice it changes nothing; interrupted, it goes on. Password and keys are kept in
    ``demo.json`` under RELATA_VAR.
    """
    with alone(settings.var):
        kept = read_kept(settings.var)
        nodes = open_nodes(with_secret(settings), all_services(), pool_size=2)
        try:
            gateway = next(node for node in nodes if node.name == GATEWAY)
            if kept.done and _there(gateway).issuperset(company.PARTNERS):
                say("the demo company is there already")
                return False
            _load(nodes, gateway, kept)
        finally:
            for node in nodes:
                node.close()
    say(f"the demo company is loaded; its password and keys are kept in {kept.path}")
    return True


def is_empty(settings: Settings) -> bool:
    """Whether nobody has worked here yet: one user, and no partner."""
    (gateway,) = open_nodes(with_secret(settings), [each for each in all_services() if each.name == GATEWAY])
    try:
        with gateway.read() as tx:
            return len(tx.scalars(select(User.id).limit(2)).all()) < 2 and not _there(gateway)
    finally:
        gateway.close()


def _there(gateway: Node) -> set[str]:
    with gateway.read() as tx:
        return set(tx.scalars(select(Partner.name).where(Partner.deleted_at.is_(None))))


def _load(nodes: list[Node], gateway: Node, kept: Kept) -> None:
    with gateway.read() as tx:
        if tx.scalars(select(User.id).limit(1)).first() is None:
            raise Trouble("there is no administrator yet: start Relata once, or run `relata migrate`")
    kept.done, kept.told_at = False, kept.told_at or utcnow().isoformat()
    kept.save()
    told_at = datetime.fromisoformat(kept.told_at)
    for node in nodes:
        _need_not_wait_for_the_disk(node.db.engine)
    carrier = Carrier(nodes)
    carrier.take_over()
    # To look for circles of garbage all the while would cost a tenth of the time, and find next to none.
    gc.disable()
    try:
        users, partners = staff(gateway, kept, told_at)
        carrier.settle()
        Teller({node.name: node for node in nodes}, carrier, told_at, users, partners).tell()
        hand_out_keys(gateway, kept, partners)
    finally:
        gc.enable()
        carrier.release()
    kept.done = True
    kept.save()


def _need_not_wait_for_the_disk(engine: Engine) -> None:
    # On SQLite a commit waits for the disk, a thousand times. After a power cut the end may be missing, never a middle;
    # but of several databases each its own end: then it is loaded into an empty folder again.
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def relax(connection: DBAPIConnection, _record: object) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA synchronous=NORMAL")
            cursor.close()
