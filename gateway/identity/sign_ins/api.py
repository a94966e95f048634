"""``/auth``: signing in and out, and a new password.

These routes are asynchronous and open their transactions themselves: no connection is held while a password is checked.
"""

from typing import Annotated

from fastapi import Form, Request, Response

from chassis.caller import Caller, Rule
from chassis.context import Context
from chassis.emails import normalise_email
from chassis.errors import NotAllowed
from chassis.http import Face, Router
from chassis.i18n import say
from gateway.identity.access_tokens import LIFETIME_S, AccessTokens
from gateway.identity.passwords import HashingThreads
from gateway.identity.sign_ins.actions import Tokens, begin_sign_in, confirm_sign_in, end_sign_in, refresh
from gateway.identity.sign_ins.failures import check_not_locked, forget_failures, note_failure, whose
from gateway.identity.sign_ins.model import WrongCredentials, WrongPassword
from gateway.identity.sign_ins.schemas import ChangePassword, TokenForm, TokenView
from gateway.identity.sign_ins.turns import Turns
from gateway.identity.users.model import User
from gateway.identity.users.queries import user_by_id, user_with_email

# The door tells its own app, and nobody else, which sign-in a request belongs to.
SIGN_IN_HEADER = "x-relata-sign-in"
_FORM_LIMIT = 16 * 1024

router = Router(tags=["signing in"])


def _people(caller: Caller) -> None:
    if caller.kind != "user":
        raise NotAllowed(say("This is for people who are signed in."))


people: Rule = _people


@router.post("/auth/token", public=True, idempotent=False, body_limit=_FORM_LIMIT)
async def sign_in(
    face: Face, context: Context, request: Request, response: Response, form: Annotated[TokenForm, Form()]
) -> TokenView:
    """Sign in with e-mail address and password, or go on with a refresh token."""
    if form.grant_type == "password":
        tokens = await _by_password(face, context, form, request.client.host if request.client else "")
    else:
        tokens = await _by_refresh_token(face, context, form.refresh_token.get_secret_value())
    response.headers["Cache-Control"] = "no-store"
    return TokenView(access_token=tokens.access, expires_in=LIFETIME_S, refresh_token=tokens.refresh)


async def _by_password(face: Face, context: Context, form: TokenForm, address: str) -> Tokens:
    account = normalise_email(form.username)
    who = whose(account or form.username, address)
    async with Turns.of_this_process().take(who):

        def look() -> tuple[str | None, str | None]:
            with face.node.read() as tx:
                check_not_locked(tx, who)
                user = user_with_email(tx, account) if account else None
                return (user.id, user.password_hash) if user and user.active else (None, None)

        user_id, password_hash = await face.threads.run(look)
        threads = HashingThreads.of_this_process()
        right = await threads.check(password_hash, form.password.get_secret_value())

        def settle() -> Tokens | None:
            with face.node.begin(context) as tx:
                user = user_by_id(tx, user_id) if right and user_id else None
                # Meanwhile they may have been deactivated, or have another password.
                if user is None or not user.active or user.password_hash != password_hash:
                    note_failure(tx, who)
                    return None
                forget_failures(tx, who)
                return begin_sign_in(tx, user, AccessTokens.of(face.node.settings))

        return _or_refuse(await face.threads.run(settle))


async def _by_refresh_token(face: Face, context: Context, token: str) -> Tokens:
    def settle() -> Tokens | None:
        with face.node.begin(context) as tx:
            return refresh(tx, token, AccessTokens.of(face.node.settings))

    return _or_refuse(await face.threads.run(settle))


def _or_refuse(tokens: Tokens | None) -> Tokens:
    if tokens is None:  # after the commit: what failed is counted
        raise WrongCredentials(say("The e-mail address or the password is wrong, or the sign-in is over."))
    return tokens


@router.post("/auth/logout", allow=people, idempotent=False, status_code=204)
async def sign_out(face: Face, context: Context, request: Request) -> None:
    """End this sign-in: its access token and its refresh token are good no more."""
    sign_in_id = request.headers.get(SIGN_IN_HEADER, "")

    def settle() -> None:
        with face.node.begin(context) as tx:
            end_sign_in(tx, sign_in_id, "signed out")

    if sign_in_id:
        await face.threads.run(settle)


@router.post("/auth/password", allow=people, idempotent=False, status_code=204)
async def change_password(face: Face, caller: Caller, context: Context, request: Request, body: ChangePassword) -> None:
    """A new password for oneself; every other device must sign in again."""
    sign_in_id = request.headers.get(SIGN_IN_HEADER, "")
    who = whose(caller.id, "password")
    threads = HashingThreads.of_this_process()
    async with Turns.of_this_process().take(who):

        def look() -> str | None:
            with face.node.read() as tx:
                check_not_locked(tx, who)
                user = user_by_id(tx, caller.id)
                return user.password_hash if user else None

        password_hash = await face.threads.run(look)
        right = await threads.check(password_hash, body.current_password.get_secret_value())
        new_hash = await threads.hash(body.new_password.get_secret_value()) if right else ""

        def settle() -> bool:
            with face.node.begin(context) as tx:
                user: User | None = user_by_id(tx, caller.id) if right else None
                if user is None or user.password_hash != password_hash:
                    note_failure(tx, who)
                    return False
                forget_failures(tx, who)
                user.give_password(new_hash)
                confirm_sign_in(tx, sign_in_id)
                return True

        if not await face.threads.run(settle):
            raise WrongPassword(say("The present password is wrong."))
