"""Webhooks come, change and go; and what happens here is made ready for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.addresses import check_url
from chassis.clock import utcnow
from chassis.deliveries import REPLAYABLE, DeliveryState, Outgoing, Which, deliveries, enqueue, enqueue_many, replay
from chassis.errors import NotFound
from chassis.event import Envelope, encode
from chassis.ids import new_id
from chassis.records import restore, soft_delete
from chassis.settings import Settings
from chassis.webhooks import new_secret
from services.channels.feed.queries import find_envelope
from services.channels.webhooks.model import BOTH_SIGN_HOURS, KIND, Webhook, receiver_of, wants
from services.channels.webhooks.sealing import seal


def create_webhook(
    tx: Session,
    *,
    settings: Settings,
    url: str,
    events: list[str],
    order: Literal["per_subject", "none"],
    active: bool,
    custom: dict[str, Any],
    webhook_id: str | None = None,
) -> tuple[Webhook, str]:
    """A receiver of events, and its secret, shown never again. Raises Invalid for a URL that may not be called."""
    secret = new_secret()
    webhook = Webhook(
        id=webhook_id or new_id(),
        url=check_url(url, allow_private=settings.outside_allow_private),
        events=events,
        order=order,
        active=active,
        custom=custom,
        secret=seal(settings, secret),
    )
    tx.add(webhook)
    tx.flush()
    return webhook, secret


def change_webhook(tx: Session, webhook: Webhook, changes: Mapping[str, Any], *, settings: Settings) -> Webhook:
    """Change what is given. One that is switched on again starts afresh; what was parked meanwhile can be replayed."""
    for name, value in changes.items():
        setattr(
            webhook, name, check_url(value, allow_private=settings.outside_allow_private) if name == "url" else value
        )
    if changes.get("active"):
        webhook.disabled_reason = None
    tx.flush()
    return webhook


def rotate_secret(tx: Session, webhook: Webhook, *, settings: Settings) -> str:
    """A new secret; for a day the former one signs as well."""
    secret = new_secret()
    webhook.former_secret, webhook.secret = webhook.secret, seal(settings, secret)
    webhook.former_until = utcnow() + timedelta(hours=BOTH_SIGN_HOURS)
    tx.flush()
    return secret


def delete_webhook(tx: Session, webhook: Webhook) -> None:
    """It hears of nothing any more."""
    soft_delete(tx, webhook)


def restore_webhook(tx: Session, webhook: Webhook) -> Webhook:
    """It hears of what happens from now on."""
    restore(tx, webhook)
    return webhook


def disable_webhook(tx: Session, webhook_id: str, *, reason: str) -> None:
    """Switch it off because its receiver said so."""
    webhook = tx.get(Webhook, webhook_id, with_for_update=True)
    if webhook is not None and webhook.active:
        webhook.active, webhook.disabled_reason = False, reason
        tx.flush()


def notify(tx: Session, envelopes: Sequence[Envelope]) -> None:
    """Have every active webhook told of those events that it asked for."""
    listening = tx.execute(
        select(Webhook.id, Webhook.events, Webhook.order).where(Webhook.active, Webhook.deleted_at.is_(None))
    ).all()
    calls = [
        _call(webhook_id, order, envelope)
        for envelope in envelopes
        for webhook_id, patterns, order in listening
        if wants(patterns, envelope.type)
    ]
    enqueue_many(tx, calls)


def _call(webhook_id: str, order: Literal["per_subject", "none"], envelope: Envelope) -> Outgoing:
    return Outgoing(
        kind=KIND,
        receiver=receiver_of(webhook_id),
        subject=envelope.subject,
        payload=orjson.loads(envelope.body or encode(envelope)),
        order=order,
        idempotency_key=envelope.id,
        event_id=envelope.id,
        persons=envelope.persons,
    )


def fire_test(tx: Session, webhook: Webhook) -> str:
    """Send it an event that says nothing but that it is a test; answers the delivery's id."""
    identity = new_id()
    told = {
        "specversion": "1.0",
        "id": identity,
        "source": "relata/channels",
        "type": "channels.webhook.tested.v1",
        "subject": webhook.receiver,
        "time": utcnow().isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {"webhook_id": webhook.id},
    }
    return enqueue(
        tx, kind=KIND, receiver=webhook.receiver, subject=webhook.receiver, payload=told, idempotency_key=identity
    )


def replay_event(tx: Session, webhook: Webhook, event_id: str) -> int:
    """Send one event again, or for the first time if it is older than the webhook; raises NotFound."""
    sent = select(deliveries.c.id).where(deliveries.c.receiver == webhook.receiver, deliveries.c.event_id == event_id)
    ids = list(tx.scalars(sent))
    if ids:
        return replay(tx, Which(ids=ids, states=REPLAYABLE))
    envelope = find_envelope(tx, event_id)
    if envelope is None:
        raise NotFound
    enqueue_many(tx, [_call(webhook.id, webhook.order, envelope)])
    return 1


def replay_many(
    tx: Session, webhook: Webhook, *, since: datetime | None, until: datetime | None, status: DeliveryState | None
) -> int:
    """Send again what was made ready in this span: whatever has been dealt with, or what stands at ``status``."""
    states = REPLAYABLE if status is None else (status,)
    return replay(tx, Which(receiver=webhook.receiver, since=since, until=until, states=states))
