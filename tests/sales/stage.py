"""A stage for sales: a node on a database of its own, what arrives at it, and what it announced."""

import importlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from chassis.access import as_system, find
from chassis.caller import Caller
from chassis.context import Context
from chassis.deliver import deliver
from chassis.event import Envelope, Event, decode, encode
from chassis.http import http_app
from chassis.ids import new_id
from chassis.inbox import State, inbox
from chassis.outbox import outbox
from chassis.records import table_of
from chassis.service import Node
from chassis.testing import AppClient
from events.channels import Submission, SubmissionReceived, SubmissionUpdated
from events.gateway import UserState, UserUpdated
from services.sales.leads import actions
from services.sales.leads.model import Lead
from services.sales.service import SALES
from services.sales.taxes.model import TaxCode
from tests.chassis.engines import open_node

MORNING = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@cache
def app_of(node: Node) -> FastAPI:
    """The HTTP face of this node, put together once for all tests on it."""
    return http_app(node)


@contextmanager
def open_sales(engine: str, folder: Path, **settings: Any) -> Iterator[Node]:
    """Sales on a fresh database."""
    with open_node(engine, folder, SALES, secret="a secret for tests only", **settings) as node:
        know_taxes(node)
        yield node


def know_taxes(node: Node) -> None:
    """The taxes that the migrations bring; the models alone make an empty table."""
    rows = importlib.import_module("services.sales.migrations.versions.0002_tax_codes").rows()
    with node.begin(Context.fresh("test")) as tx:
        tx.execute(table_of(TaxCode).insert(), [{**row, "rate": row["rate"] / Decimal(10_000)} for row in rows])


def mobile() -> str:
    """A mobile number that no other call gave, in E.164, of a range that is never an old landline."""
    # Not from random, which hypothesis sets back to the same start for every example.
    return f"+8491{secrets.randbelow(10**7):07d}"


def email() -> str:
    """An address that no other call gave."""
    return f"{secrets.token_hex(6)}@khach.example"


def submission(minutes: float = 0, **fields: Any) -> Submission:
    """Something that came in so many minutes after eight."""
    values = {"id": new_id(), "channel": "partner", "received_at": MORNING + timedelta(minutes=minutes), **fields}
    return Submission.model_validate(values)


def told(event: Event, *, sequence: int = 1, source: str = "relata/channels", actor: str | None = None) -> Envelope:
    """This event on its way to sales."""
    envelope = Envelope(
        id=new_id(),
        source=source,
        type=event.type,
        subject=event.subject,
        sequence=sequence,
        time=datetime.now(UTC),
        data=event.model_dump(mode="json"),
        correlation_id=new_id(),
        actor=actor,
    )
    return decode(encode(envelope))


def received(one: Submission) -> Envelope:
    """The announcement of a new submission."""
    return told(SubmissionReceived(submission=one), actor=f"partner:{one.partner_id}" if one.partner_id else None)


def updated(one: Submission, sequence: int = 2) -> Envelope:
    """The announcement that a submission was pushed again with other contents."""
    return told(SubmissionUpdated(submission=one), sequence=sequence)


def arrive(node: Node, *submissions: Submission) -> None:
    """These submissions reach sales in one batch."""
    deliver(node, [received(one) for one in submissions])


def hire(node: Node, **fields: Any) -> str:
    """A salesperson starts; answers their id."""
    values: dict[str, Any] = {"id": new_id(), "name": "Trần Văn Xuân", "email": email(), "roles": ("salesperson",)}
    user = UserState.model_validate(values | fields)
    deliver(node, [told(UserUpdated(user=user), sequence=user.version, source="relata/gateway")])
    return user.id


def so_far(node: Node) -> int:
    """How far the announcements of sales have got."""
    with node.read() as tx:
        return tx.scalar(select(func.max(outbox.c.position))) or 0


def announced(node: Node, since: int = 0) -> list[Envelope]:
    """What sales has emitted since then, in order."""
    with node.read() as tx:
        chosen = select(outbox.c.envelope).where(outbox.c.position > since).order_by(outbox.c.position)
        return [decode(body) for body in tx.scalars(chosen)]


def troubles(node: Node) -> list[str | None]:
    """Why events could not be dealt with; empty when all were."""
    with node.read() as tx:
        return list(tx.scalars(select(inbox.c.reason).where(inbox.c.state != State.DONE)))


def verdicts(node: Node, *submissions: Submission, since: int = 0) -> dict[str, tuple[str, str | None]]:
    """What became of each submission, and of which lead it is part: as somebody sees it who only hears the events."""
    known: dict[str, tuple[str, str | None]] = {}
    for envelope in announced(node, since):
        lead_id = envelope.subject.removeprefix("lead:")
        match envelope.type:
            case "sales.lead.created.v1" if envelope.data["submission_id"]:
                known[envelope.data["submission_id"]] = ("created", lead_id)
            case "sales.lead.merged.v1":
                known[envelope.data["submission_id"]] = (envelope.data["verdict"], lead_id)
            case "sales.lead.reattributed.v1":
                known[envelope.data["submission_id"]] = ("created", lead_id)
                known[envelope.data["former_submission_id"]] = (envelope.data["former_verdict"], lead_id)
            case "sales.intake.rejected.v1":
                known[envelope.data["submission_id"]] = ("rejected", None)
    return {one.id: known[one.id] for one in submissions}


def lead_of(node: Node, lead_id: str | None) -> Lead:
    """The lead as it is stored."""
    with node.read() as tx, as_system(tx, "test"):
        lead = tx.scalars(select(Lead).where(Lead.id == lead_id)).one()
        tx.expunge(lead)
        return lead


@contextmanager
def somebody_works(node: Node, actor: str = "user:0192d3f0-0000-7000-8000-0000000000aa") -> Iterator[Session]:
    """A transaction in which a person does something, rights aside."""
    with node.begin(Context(correlation_id=new_id(), actor=actor)) as tx, as_system(tx, "test"):
        yield tx


def change(node: Node, lead_id: str | None, **facts: Any) -> None:
    """A person changes these fields of a lead."""
    with somebody_works(node) as tx:
        actions.change_lead(tx, find(tx, Lead, lead_id or ""), facts=facts)


_NOUNS = ("lead", "account", "contact", "opportunity")


def _rights(depth: str, **pipelines: str) -> dict[str, str]:
    acts = ("read", "create", "write", "assign", "delete")
    return {f"{noun}.{act}": depth for noun in _NOUNS for act in acts} | {
        f"pipeline.{act}": "all" for act in ("read", *pipelines)
    }


RIGHTS_OF_A_SELLER = _rights("own")
RIGHTS_OF_A_DIRECTOR = _rights("all", create="all", write="all")


def seller(user_id: str | None = None) -> Caller:
    """A salesperson, who sees only what they own."""
    return Caller(
        kind="user", id=user_id or new_id(), roles=frozenset({"salesperson"}), depths=dict(RIGHTS_OF_A_SELLER)
    )


def director() -> Caller:
    """Somebody who sees every record."""
    return Caller(kind="user", id=new_id(), roles=frozenset({"director"}), depths=dict(RIGHTS_OF_A_DIRECTOR))


def me(client: AppClient) -> Caller:
    """Who calls with this client."""
    assert client.caller is not None
    return client.caller
