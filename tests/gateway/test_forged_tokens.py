"""Whatever claims to be a token and is not one of ours is 401."""

import base64
import hashlib
import hmac
import time
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from chassis.caller import Caller, Seal
from gateway.identity.access_tokens import AccessTokens
from tests.gateway.stage import SECRET, House

KEY = hmac.digest(SECRET.encode(), b"relata access token", hashlib.sha256)
KEY_ID = hashlib.sha256(KEY).hexdigest()[:12]


def claims(door: House, **other: Any) -> dict[str, Any]:
    """Those of the administrator's own good token, with some changed; None takes one away, times are from now."""
    for name in other.keys() & {"exp", "nbf"}:
        if isinstance(other[name], int):
            other[name] += int(time.time())
    token = door.admin.headers["authorization"].removeprefix("Bearer ")
    good: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return {name: value for name, value in {**good, **other}.items() if value is not None}


def status(door: House, token: str) -> int:
    return door.visitor(authorization=f"Bearer {token}").get("/me").status_code


def signed(payload: dict[str, Any], key: Any = KEY, **headers: Any) -> str:
    return jwt.encode(payload, key, algorithm="HS256", headers={"kid": KEY_ID, **headers})


def test_a_token_made_with_our_key_is_good(door: House) -> None:
    assert status(door, signed(claims(door))) == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": -1},
        {"nbf": 600},
        {"aud": "relata"},
        {"aud": "somebody else"},
        {"iss": "somebody else"},
        {"exp": None},
        {"sid": None},
        {"jti": None},
        {"sub": None},
        {"sub": "00000000-0000-0000-0000-000000000000"},
        {"sid": "00000000-0000-0000-0000-000000000000"},
        {"sid": "' OR 1=1 --"},
        {"sub": 7, "sid": ["x"]},
        {"exp": "tomorrow"},
    ],
    ids=str,
)
def test_a_token_with_other_claims_is_refused(door: House, changed: dict[str, Any]) -> None:
    try:
        token = signed(claims(door, **changed))
    except TypeError:  # the library refuses to write it, an attacker would not
        body = base64.urlsafe_b64encode(orjson.dumps(claims(door, **changed))).rstrip(b"=")
        head = base64.urlsafe_b64encode(orjson.dumps({"alg": "HS256", "kid": KEY_ID})).rstrip(b"=")
        mark = base64.urlsafe_b64encode(hmac.digest(KEY, head + b"." + body, hashlib.sha256)).rstrip(b"=")
        token = b".".join((head, body, mark)).decode()
    assert status(door, token) == 401


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "HS512"])
def test_another_algorithm_is_refused(door: House, algorithm: str) -> None:
    head = base64.urlsafe_b64encode(orjson.dumps({"alg": algorithm, "typ": "JWT", "kid": KEY_ID})).rstrip(b"=")
    body = base64.urlsafe_b64encode(orjson.dumps(claims(door))).rstrip(b"=")
    for mark in (b"", base64.urlsafe_b64encode(hmac.digest(KEY, head + b"." + body, "sha384"))):
        assert status(door, b".".join((head, body, mark)).decode()) == 401


def test_an_asymmetric_signature_is_refused(door: House) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert status(door, jwt.encode(claims(door), key, algorithm="RS256", headers={"kid": KEY_ID})) == 401


@pytest.mark.parametrize("key_id", ["", "other", "../../etc/passwd", "' OR 1=1 --", None, 7])
def test_another_key_id_is_refused(door: House, key_id: Any) -> None:
    head: dict[str, Any] = {"alg": "HS256", "kid": key_id}
    if key_id is None:
        del head["kid"]
    start = b".".join(base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=") for part in (head, claims(door)))
    mark = base64.urlsafe_b64encode(hmac.digest(KEY, start, hashlib.sha256)).rstrip(b"=")
    assert status(door, (start + b"." + mark).decode()) == 401


def test_keys_that_the_token_points_to_are_never_fetched(door: House) -> None:
    own = signed(
        claims(door), b"a key of the attacker's, long enough", jku="http://127.0.0.1:1/k", x5u="http://127.0.0.1:1/c"
    )
    assert status(door, own) == 401


def test_the_token_of_another_installation_is_refused(door: House) -> None:
    token = claims(door)
    assert status(door, AccessTokens("another secret, as long").issue(token["sub"], token["sid"])) == 401


def test_what_signs_callers_signs_no_access_tokens(door: House) -> None:
    caller = Seal(SECRET).sign(Caller("user", door.admin.get("/me").json()["id"], roles=frozenset({"administrator"})))
    assert status(door, caller) == 401


@pytest.mark.parametrize("bad", ["", "x", "ey", "eyJ.eyJ.x", "rk_", "rk_12345678_" + "a" * 43, "é" * 20, "a" * 8000])
def test_what_is_no_token_at_all_is_refused(door: House, bad: str) -> None:
    visitor = door.visitor()
    for headers in ({"authorization": f"Bearer {bad}".encode()}, {"x-api-key": bad.encode()}):
        answer = visitor.get("/me", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert visitor.get("/me", headers={"authorization": "Basic YWRtaW46YWRtaW4="}).status_code == 401
    assert visitor.get("/me").status_code == 401
