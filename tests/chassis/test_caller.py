"""Who asks: signed by the gateway, verified by every service."""

import time
from dataclasses import replace

import jwt
import pytest

from chassis.caller import Caller, Seal, any_of, requires, requires_role
from chassis.errors import NotAllowed, NotSignedIn
from chassis.settings import Settings, SettingsError

SELLER = Caller(
    "user",
    "u1",
    name="Đặng Thị Ánh",
    roles=frozenset({"salesperson"}),
    team_ids=frozenset({"t1", "t2"}),
    own_team_ids=frozenset({"t1"}),
    locale="vi",
    depths={"lead.read": "team", "lead.write": "own"},
)
PARTNER = Caller("key", "k1", scopes=frozenset({"leads:push"}), partner_id="p1")


@pytest.fixture
def seal():
    return Seal("a secret of the installation")


def forged(claims=None, key=None, algorithm="HS256", headers=None, seal=None):
    good = {"aud": "relata", "sub": "u1", "kind": "user", "iat": int(time.time()), "exp": int(time.time()) + 60}
    return jwt.encode({**good, **(claims or {})}, key if key is not None else seal._key, algorithm, headers)


@pytest.mark.parametrize("caller", [SELLER, PARTNER, Caller("system", "relay"), Caller("public", "web form")])
def test_what_is_signed_is_what_is_verified(seal, caller):
    assert Seal("a secret of the installation").verify(seal.sign(caller)) == caller


def test_events_and_histories_name_the_partner_behind_a_key():
    assert SELLER.actor == "user:u1"
    assert PARTNER.actor == "partner:p1"
    assert Caller("key", "k2").actor == "key:k2"


def test_no_token_and_no_token_of_ours(seal):
    stranger = Seal("another installation's").sign(SELLER)
    for token in ("", "x", "a.b.c", stranger, seal.sign(SELLER)[:-3] + "abc", "é" * 50, seal.sign(SELLER) + " "):
        with pytest.raises(NotSignedIn):
            seal.verify(token)


def test_only_our_own_algorithm_counts(seal):
    for token in (
        forged(key="", algorithm="none"),
        jwt.encode({"sub": "u1"}, seal._key * 2, "HS512"),
        forged(key=b"x" * 32, headers={"kid": "../../dev/null", "jku": "https://example.com/keys"}),
    ):
        with pytest.raises(NotSignedIn):
            seal.verify(token)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 60},
        {"iat": int(time.time()) + 3_600},
        {"nbf": int(time.time()) + 3_600},
        {"aud": "somebody else"},
        {"kind": "root"},
        {"kind": ["user"]},
        {"sub": 7},
        {"exp": None},
    ],
)
def test_a_token_with_wrong_claims_is_refused(seal, claims):
    seal.verify(forged(seal=seal))
    with pytest.raises(NotSignedIn):
        seal.verify(forged(claims, seal=seal))


def test_the_secret_itself_signs_nothing(seal):
    with pytest.raises(NotSignedIn):
        seal.verify(forged(key=b"a secret of the installation" * 2))


def test_a_token_is_signed_once_and_renewed_before_it_is_too_old(seal, monkeypatch):
    now = time.time()
    first = seal.sign(SELLER)
    assert seal.sign(replace(SELLER)) is first
    monkeypatch.setattr(time, "time", lambda: now + 39)
    assert seal.sign(SELLER) == first
    monkeypatch.setattr(time, "time", lambda: now + 41)
    assert seal.sign(SELLER) != first


def test_changed_rights_make_a_new_token(seal):
    assert seal.sign(SELLER) != seal.sign(replace(SELLER, depths={"lead.read": "all"}))
    assert seal.sign(SELLER) != seal.sign(replace(SELLER, roles=frozenset()))


def test_a_remembered_token_expires_all_the_same(seal, monkeypatch):
    token, now = seal.sign(SELLER), time.time()
    seal.verify(token)
    seal._key = b"from now on only the memory knows this token"
    assert seal.verify(token) == SELLER
    monkeypatch.setattr(time, "time", lambda: now + 61)
    with pytest.raises(NotSignedIn):
        seal.verify(token)


def test_an_installation_needs_a_secret_worth_the_name():
    for secret in (None, "short"):
        with pytest.raises(SettingsError, match="RELATA_SECRET"):
            Seal.of(Settings.model_validate({"secret": secret}))


def test_rules():
    director = replace(SELLER, roles=frozenset({"director"}))
    either = any_of(requires("leads:push"), requires_role("director"))
    for rule, good, bad in (
        (requires("leads:push", "leads:write"), PARTNER, director),
        (requires_role("director", "finance"), director, PARTNER),
        (either, PARTNER, SELLER),
        (either, director, SELLER),
        (either, Caller("system", "x"), Caller("public", "y")),
    ):
        rule(good)
        with pytest.raises(NotAllowed):
            rule(bad)
