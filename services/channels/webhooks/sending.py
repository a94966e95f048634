"""How a webhook is called, and what becomes of one whose receiver is gone."""

from sqlalchemy.orm import Session

from chassis.calls import Delivery, DeliveryHandler, Gone, Outcome, Refused, Settled
from chassis.clock import utcnow
from chassis.service import Node
from chassis.webhooks import send_webhook
from services.channels.webhooks.actions import disable_webhook
from services.channels.webhooks.model import KIND, Webhook
from services.channels.webhooks.sealing import unseal


def send_event(node: Node, delivery: Delivery) -> Outcome:
    """Post the event, signed. One that is switched off refuses, and what it missed can be replayed."""
    with node.read() as tx:
        webhook = tx.get(Webhook, _id(delivery))
        if webhook is None or webhook.deleted_at is not None or not webhook.active:
            return Refused("the webhook is switched off")
        url, sealed = webhook.url, [webhook.secret]
        if webhook.former_secret and webhook.former_until and webhook.former_until > utcnow():
            sealed.append(webhook.former_secret)
    return send_webhook(node.settings, url, [unseal(node.settings, secret) for secret in sealed], delivery)


def switch_off_when_gone(tx: Session, delivery: Delivery, outcome: Settled) -> None:
    """Who answers 410 does not want to hear from us."""
    if isinstance(outcome, Gone):
        disable_webhook(tx, _id(delivery), reason=outcome.reason)


def _id(delivery: Delivery) -> str:
    return delivery.receiver.removeprefix(f"{KIND}:")


DELIVERIES = {KIND: DeliveryHandler(send=send_event, settled=switch_off_when_gone)}
