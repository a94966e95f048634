"""Standard Webhooks, judged by that specification's own package."""

import base64
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from chassis.webhooks import BadSignature, new_secret, sign, signed_headers, verify

BODY = '{"tên":"Đặng Thị Ánh"}'.encode()


def test_the_reference_implementation_accepts_what_we_sign() -> None:
    secret = new_secret()
    assert Webhook(secret).verify(BODY, signed_headers(secret, "msg_1", BODY)) == {"tên": "Đặng Thị Ánh"}


def test_the_reference_implementation_refuses_a_changed_body() -> None:
    secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY.replace(b"nh", b"mh"), signed_headers(secret, "msg_1", BODY))


def test_we_accept_what_the_reference_implementation_signs() -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers = {
        "Webhook-Id": "msg_2",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("msg_2", now, BODY.decode()),
    }
    assert verify(secret, headers, BODY) == "msg_2"


def test_the_published_example_signs_as_published() -> None:
    # From the specification.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # not-a-secret
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


def test_while_a_secret_is_changed_holders_of_either_accept() -> None:
    old, new = new_secret(), new_secret()
    headers = signed_headers([new, old], "msg_3", BODY)
    for secret in (old, new):
        Webhook(secret).verify(BODY, headers)
        assert verify(secret, headers, BODY) == "msg_3"
    assert verify([new_secret(), old], headers, BODY) == "msg_3"
    with pytest.raises(BadSignature):
        verify(new_secret(), headers, BODY)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_5"},
        {"webhook-timestamp": str(int(time.time()) - 100)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,!!!!"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,AAAA v1,BBBB"},
        {"webhook-id": ""},
    ],
)
def test_a_changed_header_is_refused(change: dict[str, str]) -> None:
    secret = new_secret()
    with pytest.raises(BadSignature):
        verify(secret, signed_headers(secret, "msg_4", BODY) | change, BODY)


def test_a_signature_of_another_scheme_does_not_count() -> None:
    secret = new_secret()
    headers = signed_headers(secret, "msg_4", BODY)
    for version in ("v1a", "v0", "V1"):
        with pytest.raises(BadSignature):
            verify(secret, headers | {"webhook-signature": headers["webhook-signature"].replace("v1", version)}, BODY)


def test_the_raw_bytes_are_signed_not_what_they_mean() -> None:
    secret = new_secret()
    headers = signed_headers(secret, "msg_6", b'{"a": 1}')
    with pytest.raises(BadSignature):
        verify(secret, headers, b'{"a":1}')
    assert verify(secret, signed_headers(secret, "msg_7", b"\xff\x00\xfe"), b"\xff\x00\xfe") == "msg_7"


@pytest.mark.parametrize(("age", "accepted"), [(0, True), (299, True), (301, False), (-299, True), (-301, False)])
def test_a_message_counts_for_five_minutes_either_way(age: int, accepted: bool) -> None:
    secret, now = new_secret(), time.time()
    headers = signed_headers(secret, "msg_8", BODY, now=int(now) - age)
    if accepted:
        assert verify(secret, headers, BODY, now=int(now)) == "msg_8"
    else:
        with pytest.raises(BadSignature):
            verify(secret, headers, BODY, now=int(now))


def test_secrets_are_random_and_of_the_size_the_specification_asks_for() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(secret.startswith("whsec_") for secret in made)
    assert {len(base64.b64decode(new_secret(size)[6:])) for size in (24, 32, 64)} == {24, 32, 64}
    for size in (23, 65):
        with pytest.raises(ValueError, match="24 to 64"):
            new_secret(size)
