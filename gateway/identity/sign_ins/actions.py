"""A sign-in begins with a password, goes on by refreshing, and ends."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from gateway.identity.access_tokens import AccessTokens
from gateway.identity.sign_ins.failures import WINDOW
from gateway.identity.sign_ins.model import FailedSignIns, RefreshToken, SignIn, WrongCredentials
from gateway.identity.users.model import User

# A device that is used every other week stays signed in, for a quarter of a year at most.
REFRESH_WITHIN = timedelta(days=14)
SIGN_IN_LASTS = timedelta(days=90)
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a signed-in device holds."""

    access: str
    refresh: str


def begin_sign_in(tx: Session, user: User, tokens: AccessTokens) -> Tokens:
    """Somebody has just given the right password."""
    sign_in = SignIn(user_id=user.id, expires_at=utcnow() + SIGN_IN_LASTS)
    tx.add(sign_in)
    tx.flush()
    return _hand_out(tx, sign_in, tokens)


def refresh(tx: Session, token: str, tokens: AccessTokens) -> Tokens | None:
    """New tokens for a refresh token, which is good once. None when it is not good.

    One that comes a second time was stolen, or its thief was faster: the whole sign-in ends, whoever holds it now.
    """
    digest = _digest(token)
    kept = tx.get(RefreshToken, digest)
    if kept is None:
        return None
    sign_in = tx.get_one(SignIn, kept.sign_in_id, with_for_update=True)
    # Of two at the same moment only one finds it unused.
    unused = update(RefreshToken).where(RefreshToken.digest == digest, RefreshToken.used_at.is_(None))
    if tx.execute(unused.values(used_at=utcnow())).rowcount == 0:  # type: ignore[attr-defined]
        sign_in.end("refresh token used twice")
        return None
    if kept.expires_at <= utcnow() or not is_open(sign_in, tx.get_one(User, sign_in.user_id)):
        return None
    return _hand_out(tx, sign_in, tokens)


def is_open(sign_in: SignIn, user: User) -> bool:
    """Whether this sign-in still counts."""
    since = user.sign_in_again_after
    return (
        sign_in.ended_at is None
        and sign_in.expires_at > utcnow()
        and user.active
        and user.deleted_at is None
        and (since is None or sign_in.confirmed_at >= since)
    )


def end_sign_in(tx: Session, sign_in_id: str, reason: str) -> None:
    """Signed out; twice is once."""
    sign_in = tx.get(SignIn, sign_in_id)
    if sign_in is not None:
        sign_in.end(reason)


def confirm_sign_in(tx: Session, sign_in_id: str) -> None:
    """The password was given again: a change of password does not end this one."""
    sign_in = tx.get(SignIn, sign_in_id)
    if sign_in is None:
        raise WrongCredentials()
    sign_in.confirmed_at = utcnow()


def forget_old_sign_ins(tx: Session) -> None:
    """What is long over, and failures whose window has closed."""
    now = utcnow()
    tx.execute(delete(RefreshToken).where(RefreshToken.expires_at < now))
    tx.execute(delete(SignIn).where(SignIn.expires_at < now - _KEPT))
    tx.execute(delete(FailedSignIns).where(FailedSignIns.since < now - WINDOW))


def _hand_out(tx: Session, sign_in: SignIn, tokens: AccessTokens) -> Tokens:
    refresh_token = f"rt_{secrets.token_urlsafe(32)}"
    expires_at = min(utcnow() + REFRESH_WITHIN, sign_in.expires_at)
    tx.add(RefreshToken(digest=_digest(refresh_token), sign_in_id=sign_in.id, expires_at=expires_at))
    tx.flush()
    return Tokens(tokens.issue(sign_in.user_id, sign_in.id), refresh_token)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
