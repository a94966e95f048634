"""Keeping owners and links up to date, in whatever order events come."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.rows import insert_rows
from events.links import Link, links_of, state_of
from services.activities.records.model import LASTING, links, records


def keep_records(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Of each subject the newest state counts; what one event says for ever is kept whenever it comes."""
    newest: dict[str, Envelope] = {}
    lasting: set[Link] = set()
    for envelope in envelopes:
        lasting |= links_of(envelope).lasting
        known = newest.get(envelope.subject)
        if state_of(envelope) and (known is None or envelope.sequence > known.sequence):
            newest[envelope.subject] = envelope
    news = _newer(tx, [newest[ref] for ref in sorted(newest)])
    # The rows of these records are locked by now, so nobody else rewrites their links at the same time.
    tx.execute(delete(links).where(links.c.told_by.in_(sorted(news))))
    rows = [
        {"parent": parent, "child": child, "told_by": ref}
        for ref in sorted(news)
        for child, parent in sorted(links_of(newest[ref]).current)
    ]
    rows += [{"parent": parent, "child": child, "told_by": LASTING} for child, parent in sorted(lasting)]
    insert_rows(tx, links, rows, skip_known=True)


def _newer(tx: Session, envelopes: Sequence[Envelope]) -> set[str]:
    """Store these states where they are news; answers the references for which they were."""
    if not envelopes:
        return set()
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    base = insert(records)
    upsert = base.on_conflict_do_update(
        index_elements=["ref"],
        set_={name: base.excluded[name] for name in ("sequence", "owner_id", "team_id", "deleted")},
        where=base.excluded.sequence > records.c.sequence,
    ).returning(records.c.ref)
    return set(tx.scalars(upsert, [_row(envelope) for envelope in envelopes]))


def _row(envelope: Envelope) -> dict[str, Any]:
    state = state_of(envelope)
    return {
        "ref": envelope.subject,
        "sequence": envelope.sequence,
        "owner_id": state.get("owner_id"),
        "team_id": state.get("team_id"),
        "deleted": envelope.type.split(".")[2] == "deleted",
    }
