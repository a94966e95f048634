"""Routes for administrators who have events sent to other systems."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import find
from chassis.caller import requires_role
from chassis.deliveries import DeliveryState
from chassis.errors import FieldError, Invalid
from chassis.filters import Filter
from chassis.http import IfMatch, Router
from chassis.i18n import say
from chassis.paging import Listing, ListRequest, Page
from chassis.service import Node
from services.channels.changes import HistoryPage, history_page
from services.channels.webhooks import actions, queries
from services.channels.webhooks.model import Webhook
from services.channels.webhooks.schemas import (
    ChangeWebhook,
    CreateWebhook,
    NewSecret,
    Replayed,
    ReplayWebhook,
    SentPage,
    SentView,
    TestFired,
    WebhookView,
    WebhookWithSecret,
)

router = Router(tags=["webhooks"])

WEBHOOKS = Listing(
    model=Webhook, sorts=("created_at",), default_sort="-created_at", filters={"active": Filter(Webhook.active)}
)

_administrators = requires_role("administrator")


@router.get("/webhooks", allow=_administrators, listing=WEBHOOKS)
def list_webhooks(tx: Session, asked: ListRequest) -> Page[WebhookView]:
    """Webhooks, the newest first."""
    return WEBHOOKS.page(tx, asked, WebhookView.model_validate, where=[Webhook.deleted_at.is_(None)])


@router.post("/webhooks", status_code=201, allow=_administrators, secret=("secret",))
def create_webhook(tx: Session, node: Node, body: CreateWebhook) -> WebhookWithSecret:
    """Have events sent to an address, signed by Standard Webhooks. The answer shows the secret this once."""
    webhook, secret = actions.create_webhook(
        tx,
        settings=node.settings,
        url=body.url,
        events=list(body.events),
        order=body.order,
        active=body.active,
        custom=body.custom,
        webhook_id=str(body.id) if body.id else None,
    )
    return WebhookWithSecret(**WebhookView.model_validate(webhook).model_dump(), secret=secret)


@router.get("/webhooks/{webhook_id}", allow=_administrators)
def read_webhook(tx: Session, webhook_id: UUID) -> WebhookView:
    """One webhook."""
    return WebhookView.model_validate(find(tx, Webhook, str(webhook_id)))


@router.patch("/webhooks/{webhook_id}", allow=_administrators)
def change_webhook(tx: Session, node: Node, webhook_id: UUID, body: ChangeWebhook, if_match: IfMatch) -> WebhookView:
    """Change a webhook, or switch it off and on."""
    webhook = _find_to_write(tx, webhook_id, if_match)
    changes = body.model_dump(exclude_unset=True)
    if "custom" in changes:
        merged = {**webhook.custom, **changes["custom"]}
        changes["custom"] = {name: value for name, value in merged.items() if value is not None}
    return WebhookView.model_validate(actions.change_webhook(tx, webhook, changes, settings=node.settings))


@router.delete("/webhooks/{webhook_id}", allow=_administrators)
def delete_webhook(tx: Session, webhook_id: UUID, if_match: IfMatch) -> None:
    """Delete a webhook; what was not sent yet is parked."""
    actions.delete_webhook(tx, _find_to_write(tx, webhook_id, if_match))


@router.post("/webhooks/{webhook_id}/restore", allow=_administrators)
def restore_webhook(tx: Session, webhook_id: UUID) -> WebhookView:
    """Bring a deleted webhook back."""
    webhook = find(tx, Webhook, str(webhook_id), lock=True, deleted=True)
    return WebhookView.model_validate(actions.restore_webhook(tx, webhook))


@router.post("/webhooks/{webhook_id}/rotate", allow=_administrators, secret=("secret",))
def rotate_secret(tx: Session, node: Node, webhook_id: UUID) -> NewSecret:
    """Give it a new secret, shown this once. For a day messages carry a signature with each of the two."""
    webhook = find(tx, Webhook, str(webhook_id), lock=True)
    secret = actions.rotate_secret(tx, webhook, settings=node.settings)
    assert webhook.former_until is not None
    return NewSecret(secret=secret, former_until=webhook.former_until)


@router.post("/webhooks/{webhook_id}/test", status_code=202, allow=_administrators)
def fire_test(tx: Session, webhook_id: UUID) -> TestFired:
    """Send it a test event, signed like every other."""
    return TestFired(delivery_id=actions.fire_test(tx, find(tx, Webhook, str(webhook_id))))


@router.get("/webhooks/{webhook_id}/attempts", allow=_administrators)
def list_attempts(
    tx: Session,
    webhook_id: UUID,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
    status: DeliveryState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SentPage:
    """What was sent to it, the newest first, with every attempt and what it answered."""
    webhook = find(tx, Webhook, str(webhook_id))
    sent = queries.sent_to(tx, webhook, before=_position(cursor), limit=limit + 1, status=status)
    items = [SentView.of(delivery, attempts) for delivery, attempts in sent[:limit]]
    return SentPage(items=items, next_cursor=str(sent[limit - 1][0].position) if len(sent) > limit else None)


@router.post("/webhooks/{webhook_id}/replay", status_code=202, allow=_administrators)
def replay_webhook(tx: Session, webhook_id: UUID, body: ReplayWebhook) -> Replayed:
    """Send one event again, or all that were made ready in a span of time, or all at one status."""
    webhook = find(tx, Webhook, str(webhook_id))
    if body.event_id is not None:
        return Replayed(replayed=actions.replay_event(tx, webhook, str(body.event_id)))
    count = actions.replay_many(tx, webhook, since=body.since, until=body.until, status=body.status)
    return Replayed(replayed=count)


@router.get("/webhooks/{webhook_id}/history", allow=_administrators)
def read_webhook_history(
    tx: Session, webhook_id: UUID, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> HistoryPage:
    """What was changed on a webhook, by whom and when."""
    return history_page(tx, find(tx, Webhook, str(webhook_id)), limit=limit, cursor=cursor)


def _find_to_write(tx: Session, webhook_id: UUID, if_match: IfMatch) -> Webhook:
    webhook = find(tx, Webhook, str(webhook_id), lock=True)
    if_match.check(webhook.version, lambda: WebhookView.model_validate(webhook))
    return webhook


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        message = say("This cursor is not one of this list, with this filter and sort.")
        raise Invalid(message, errors=[FieldError("?cursor", message)])
    return int(cursor)
