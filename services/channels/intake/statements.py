"""The statements of the hot path, composed once: composing one anew costs more than running it.

Many rows go to PostgreSQL as one JSON document. With parameters of its own for every value, a batch would take four
times as long, and psycopg2 would send updates and upserts row by row. SQLite has no round trips to save.
"""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import orjson
from sqlalchemy import JSON, Select, Text, Update, Uuid, and_, bindparam, cast, column, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis import fast
from chassis.clock import UtcDateTime
from services.channels.intake.model import lead_stages, submissions

_STORED = submissions.c
# What is known of a submission when it arrives.
NEW = {
    name: _STORED[name].type
    for name in (
        *("id", "channel", "status", "received_at", "updated_at", "partner_id", "external_id", "form_key"),
        *("facts", "raw", "content_type", "headers"),
    )
}
VERDICT: dict[str, Any] = {
    "submission_id": Uuid(as_uuid=False),
    "status": _STORED.status.type,
    "subject": _STORED.verdict_subject.type,
    "sequence": _STORED.verdict_sequence.type,
    "at": UtcDateTime(),
    "lead_id": Uuid(as_uuid=False),
    "reason": _STORED.reason.type,
}


def insert_submissions(tx: Session, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Insert rows that have the columns of ``NEW``; answers the ids of those whose external id was not known."""
    if not _is_postgresql(tx):
        return list(tx.scalars(_INSERT_SQLITE, list(rows)))
    return [str(row[0]) for row in fast.run(tx, fast.sql_of(_INSERT_ALL), {"document": _json(rows)})]


def select_known(partner_id: str, external_ids: Sequence[str]) -> Select[Any]:
    """The partner's submissions with these external ids, locked in one order for all."""
    return (
        select(submissions)
        .where(_STORED.external_id.in_(external_ids), _STORED.partner_id == partner_id)
        .order_by(_STORED.external_id)
        .with_for_update()
    )


def write_verdicts(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep verdicts that have the columns of ``VERDICT``, where they are news."""
    if _is_postgresql(tx):
        tx.execute(_RECORD_ALL, {"document": _json(rows)})
    else:
        tx.connection().execute(_RECORD_SQLITE, [{f"new_{name}": row[name] for name in VERDICT} for row in rows])


def write_stages(tx: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep the stages of leads, rows of ``lead_stages``."""
    tx.execute(_KEEP_STAGES[tx.get_bind().dialect.name], list(rows))


def _is_postgresql(tx: Session) -> bool:
    return tx.get_bind().dialect.name == "postgresql"


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def _document(columns: Mapping[str, Any]) -> Any:
    """The rows of the JSON parameter ``document``, as a table with these columns."""
    rows = func.json_to_recordset(cast(bindparam("document", type_=Text()), JSON))
    typed = [column(name, type_) for name, type_ in columns.items()]
    return rows.table_valued(*typed).render_derived(name="document", with_types=True)


_INSERT_ALL = (
    postgresql.insert(submissions)
    .from_select(list(NEW), select(*_document(NEW).c), include_defaults=False)
    .on_conflict_do_nothing()
    .returning(_STORED.id)
)
_INSERT_SQLITE = sqlite.insert(submissions).on_conflict_do_nothing().returning(_STORED.id)


def _record(news: Any) -> Update:
    """The UPDATE by a verdict whose columns, or parameters, these are."""
    is_news = or_(
        _STORED.verdict_sequence.is_(None),
        and_(_STORED.verdict_subject == news.subject, _STORED.verdict_sequence < news.sequence),
        and_(_STORED.verdict_subject != news.subject, _STORED.verdict_at < news.at),
        and_(_STORED.verdict_subject < news.subject, _STORED.verdict_at == news.at),
    )
    return (
        update(submissions)
        .where(_STORED.id == news.submission_id, is_news)
        .values(
            status=news.status,
            lead_id=news.lead_id,
            reason=news.reason,
            verdict_subject=news.subject,
            verdict_sequence=news.sequence,
            verdict_at=news.at,
        )
    )


_RECORD_ALL = _record(_document(VERDICT).c)
_RECORD_SQLITE = _record(
    SimpleNamespace(**{name: bindparam(f"new_{name}", type_=type_) for name, type_ in VERDICT.items()})
)


def _keep_stages(insert: Any) -> Any:
    base = insert(lead_stages)
    upsert = base.on_conflict_do_update(index_elements=["lead_id"], set_={"stage": base.excluded.stage})
    return upsert.returning(lead_stages.c.lead_id)  # with RETURNING psycopg2 sends many rows in one statement


_KEEP_STAGES = {"postgresql": _keep_stages(postgresql.insert), "sqlite": _keep_stages(sqlite.insert)}
