"""Signing in with a password, going on by refreshing, and no way in by guessing."""

import asyncio
import time
from datetime import timedelta
from uuid import uuid4

import jwt
from sqlalchemy import select, update

from chassis.clock import utcnow
from chassis.context import Context
from gateway.identity.sign_ins.actions import forget_old_sign_ins
from gateway.identity.sign_ins.model import RefreshToken, SignIn
from tests.gateway.stage import ADMIN_EMAIL, ADMIN_PASSWORD, PASSWORD, House


def test_the_right_password_opens_the_door(house: House) -> None:
    answer = house.visitor().password(ADMIN_EMAIL.upper(), ADMIN_PASSWORD)
    told = answer.json()
    assert answer.status_code == 200
    assert (told["token_type"], told["expires_in"]) == ("bearer", 900)
    assert answer.headers["cache-control"] == "no-store"
    me = house.visitor(authorization=f"Bearer {told['access_token']}").get("/me")
    assert me.json()["email"] == ADMIN_EMAIL


def test_a_wrong_password_and_an_unknown_user_look_alike(house: House) -> None:
    wrong = house.visitor().password(ADMIN_EMAIL, "not this one")
    unknown = house.visitor().password("nobody@example.com", "not this one")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["error"] == "invalid_grant"
    assert {**wrong.json(), "trace_id": ""} == {**unknown.json(), "trace_id": ""}


def test_it_takes_as_long_to_refuse_an_unknown_user_as_a_wrong_password(house: House) -> None:
    def refusal_s(email: str) -> float:
        # CPU seconds of this process, all threads: what others do on this machine does not count.
        began = time.process_time()
        assert house.visitor().password(email, "not this one").status_code == 401
        return time.process_time() - began

    refusal_s("warm-up@example.com")
    pairs = [(refusal_s(ADMIN_EMAIL), refusal_s(f"{uuid4()}@example.com")) for _ in range(5)]
    wrong, unknown = min(one for one, _ in pairs), min(other for _, other in pairs)
    assert unknown > wrong * 0.5


def test_after_five_failures_not_even_the_right_password_helps(house: House) -> None:
    person = house.person()
    email = person.get("/me").json()["email"]
    guesser = house.visitor()
    assert [guesser.password(email, f"guess number {n}").status_code for n in range(5)] == [401] * 5
    locked = guesser.password(email, PASSWORD)
    assert locked.status_code == 429
    assert 0 < int(locked.headers["retry-after"]) <= 61
    elsewhere = house.visitor().password(email, PASSWORD)
    assert elsewhere.status_code == 200
    assert guesser.password(ADMIN_EMAIL, ADMIN_PASSWORD).status_code == 200


def test_a_hundred_guesses_at_once_are_not_all_the_first(house: House) -> None:
    email = house.person().get("/me").json()["email"]
    guesser = house.visitor()

    async def all_at_once() -> list[int]:
        forms = [{"grant_type": "password", "username": email, "password": f"guess number {n}"} for n in range(30)]
        answers = await asyncio.gather(*(guesser.acall("POST", "/auth/token", data=form) for form in forms))
        return [answer.status_code for answer in answers]

    statuses = house.loop.run(all_at_once())
    assert statuses.count(401) == 5
    assert statuses.count(429) == 25


def test_the_right_password_forgets_the_failures(house: House) -> None:
    email = house.person().get("/me").json()["email"]
    forgetful = house.visitor()
    for _ in range(2):
        assert [forgetful.password(email, "was it this?").status_code for _ in range(4)] == [401] * 4
        assert forgetful.password(email, PASSWORD).status_code == 200


def test_a_refresh_token_is_good_once(house: House) -> None:
    visitor = house.visitor()
    first = visitor.password(ADMIN_EMAIL, ADMIN_PASSWORD).json()
    second = visitor.refresh(first["refresh_token"])
    assert second.status_code == 200
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert visitor.refresh(second.json()["refresh_token"]).status_code == 200


def test_a_refresh_token_used_twice_ends_the_whole_sign_in(house: House) -> None:
    visitor = house.visitor()
    first = visitor.password(ADMIN_EMAIL, ADMIN_PASSWORD).json()
    second = visitor.refresh(first["refresh_token"]).json()
    assert house.visitor().refresh(first["refresh_token"]).status_code == 401
    assert visitor.refresh(second["refresh_token"]).status_code == 401
    for token in (first["access_token"], second["access_token"]):
        assert house.visitor(authorization=f"Bearer {token}").get("/me").status_code == 401


def test_of_two_refreshes_at_the_same_moment_one_at_most_succeeds(house: House) -> None:
    visitor = house.visitor()
    token = visitor.password(ADMIN_EMAIL, ADMIN_PASSWORD).json()["refresh_token"]

    async def both() -> list[int]:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        answers = await asyncio.gather(*(visitor.acall("POST", "/auth/token", data=form) for _ in range(4)))
        return [answer.status_code for answer in answers]

    assert sorted(house.loop.run(both())) == [200, 401, 401, 401]


def test_a_made_up_refresh_token_is_refused(house: House) -> None:
    for token in ("", "rt_" + "a" * 43, "x" * 150):
        assert house.visitor().refresh(token).status_code == 401


def test_signing_out_ends_it_at_once(house: House) -> None:
    visitor = house.visitor()
    told = visitor.password(ADMIN_EMAIL, ADMIN_PASSWORD).json()
    signed_in = house.visitor(authorization=f"Bearer {told['access_token']}")
    assert signed_in.get("/me").status_code == 200
    assert signed_in.post("/auth/logout").status_code == 204
    assert signed_in.get("/me").status_code == 401
    assert visitor.refresh(told["refresh_token"]).status_code == 401
    assert house.admin.get("/me").status_code == 200


def test_a_new_password_ends_every_other_sign_in(house: House) -> None:
    here = house.person()
    email = here.get("/me").json()["email"]
    elsewhere = house.signed_in(email, PASSWORD)
    changed = here.post("/auth/password", json={"current_password": PASSWORD, "new_password": "một mật khẩu khác"})
    assert changed.status_code == 204, changed.text
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 401
    assert house.visitor().password(email, PASSWORD).status_code == 401
    assert house.visitor().password(email, "một mật khẩu khác").status_code == 200


def test_the_present_password_cannot_be_guessed_by_whoever_found_an_open_session(house: House) -> None:
    person = house.person()
    body = {"current_password": "a guess, no more", "new_password": "một mật khẩu khác"}
    assert [person.post("/auth/password", json=body).status_code for _ in range(6)] == [422] * 5 + [429]
    right = person.post("/auth/password", json={**body, "current_password": PASSWORD})
    assert right.status_code == 429


def test_what_is_long_over_is_forgotten_and_what_is_open_is_not(house: House) -> None:
    over, still = house.visitor(), house.visitor()
    first = over.password(ADMIN_EMAIL, ADMIN_PASSWORD).json()
    open_one = still.password(ADMIN_EMAIL, ADMIN_PASSWORD).json()
    long_ago = utcnow() - timedelta(days=200)
    sign_in = jwt.decode(first["access_token"], options={"verify_signature": False})["sid"]
    with house.node.begin(Context.fresh("test")) as tx:
        tx.execute(update(SignIn).where(SignIn.id == sign_in).values(expires_at=long_ago))
        tx.execute(update(RefreshToken).where(RefreshToken.sign_in_id == sign_in).values(expires_at=long_ago))
    with house.node.begin(Context.fresh("test")) as tx:
        forget_old_sign_ins(tx)
    with house.node.read() as tx:
        assert tx.get(SignIn, sign_in) is None
        assert tx.scalars(select(RefreshToken).where(RefreshToken.sign_in_id == sign_in)).all() == []
    assert still.refresh(open_one["refresh_token"]).status_code == 200
    assert house.visitor(authorization=f"Bearer {first['access_token']}").get("/me").status_code == 401


def test_passwords_have_a_shortest_and_a_longest(house: House) -> None:
    person = house.person()
    for bad in ("short", "x" * 201):
        body = {"current_password": PASSWORD, "new_password": bad}
        assert person.post("/auth/password", json=body).status_code == 422


def test_the_form_is_checked(house: House) -> None:
    visitor = house.visitor()
    assert visitor.post("/auth/token", data={"grant_type": "client_credentials"}).status_code == 422
    assert visitor.post("/auth/token", data={}).status_code == 422
    assert visitor.post("/auth/token", data={"grant_type": "password", "username": "x" * 100_000}).status_code == 413
    assert visitor.password("a\x00b@example.com", "\x00").status_code in (401, 422)
    # Other OAuth2 clients send more than we need.
    more = {
        "grant_type": "password",
        "username": ADMIN_EMAIL,
        "password": ADMIN_PASSWORD,
        "scope": "",
        "client_id": "x",
    }
    assert visitor.post("/auth/token", data=more).status_code == 200


def test_an_expired_token_in_the_header_does_not_keep_anybody_from_signing_in(house: House) -> None:
    assert house.visitor(authorization="Bearer whatever").password(ADMIN_EMAIL, ADMIN_PASSWORD).status_code == 200


def test_the_answer_is_in_the_readers_language(house: House) -> None:
    form = {"grant_type": "password", "username": ADMIN_EMAIL, "password": "not this one"}
    told = house.visitor().post("/auth/token", data=form, headers={"accept-language": "vi"}).json()
    assert told["title"] == "Đăng nhập không thành công"
    assert "mật khẩu" in told["detail"]
