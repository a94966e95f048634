"""Webhooks by the Standard Webhooks specification: signing, verifying, sending.

Headers ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``; HMAC-SHA256 over ``id.timestamp.body``. While a
secret is being changed the signature header carries one signature per secret, and a receiver accepts any of them.
"""

import base64
import binascii
import hashlib
import hmac
import secrets as randomness
import time
from collections.abc import Mapping, Sequence

from chassis.calls import Delivered, Delivery, Gone, Later, Outcome
from chassis.errors import NotSignedIn
from chassis.outside import call
from chassis.settings import Settings

PREFIX = "whsec_"
TOLERANCE_S = 300


class BadSignature(NotSignedIn):
    """Not signed with a secret of ours, or too old, or from the future."""

    code = "bad_signature"


def new_secret(size: int = 32) -> str:
    """A fresh secret, ``whsec_…``; 24 to 64 random bytes."""
    if not 24 <= size <= 64:
        raise ValueError("a webhook secret has 24 to 64 bytes")
    return PREFIX + base64.b64encode(randomness.token_bytes(size)).decode()


def sign(secrets: str | Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` header: one signature for each secret, the first secret's first."""
    signatures = (_signature(_key(secret), message_id, timestamp, body) for secret in _many(secrets))
    return " ".join("v1," + base64.b64encode(signature).decode() for signature in signatures)


def signed_headers(
    secrets: str | Sequence[str], message_id: str, body: bytes, now: float | None = None
) -> dict[str, str]:
    """The three headers of a message that leaves now."""
    timestamp = int(time.time() if now is None else now)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secrets, message_id, timestamp, body),
    }


def verify(secrets: str | Sequence[str], headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> str:
    """The message's id when one of the secrets signed these very bytes in the last 300 seconds; else BadSignature.

    Remember the id: within the window a signed message can be sent again by whoever saw it.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, stamp, signatures = (given.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (message_id and stamp.isascii() and stamp.isdecimal() and len(stamp) < 15 and signatures):
        raise BadSignature("signature headers are missing or malformed")
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE_S:
        raise BadSignature("the message is too old or from the future")
    expected = [_signature(_key(secret), message_id, int(stamp), body) for secret in _many(secrets)]
    matches = [hmac.compare_digest(each, one) for one in _offered(signatures) for each in expected]
    if not any(matches):
        raise BadSignature("no signature matches")
    return message_id


def _signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> bytes:
    return hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)


def _offered(header: str) -> list[bytes]:
    found = []
    for signature in header.split()[:20]:
        version, _, value = signature.partition(",")
        try:
            if version == "v1":
                found.append(base64.b64decode(value, validate=True))
        except binascii.Error:
            continue
    return found


def _many(secrets: str | Sequence[str]) -> Sequence[str]:
    return [secrets] if isinstance(secrets, str) else secrets


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def send_webhook(settings: Settings, url: str, secrets: str | Sequence[str], delivery: Delivery) -> Outcome:
    """Post a delivery's body, signed; its idempotency key is the ``webhook-id``, the same over all attempts.

    2xx is Delivered, 410 is Gone, all else is Later, a redirect included. A ``Retry-After`` is passed on.
    """
    body = delivery.body.encode()
    headers = {
        **delivery.headers,
        "content-type": "application/json",
        **signed_headers(secrets, delivery.idempotency_key, body),
    }
    answer = call(settings, "POST", url, body=body, headers=headers)
    request = f"POST {url} webhook-id={delivery.idempotency_key} webhook-timestamp={headers['webhook-timestamp']}"
    status, text = answer.status, answer.text
    if 200 <= status < 300:
        return Delivered(status, text, request)
    if status == 410:
        return Gone("the receiver answered 410 Gone", status, text, request)
    reason = "it redirects, which is not followed" if 300 <= status < 400 else f"the receiver answered {status}"
    return Later(reason, answer.retry_after, status, text, request)
