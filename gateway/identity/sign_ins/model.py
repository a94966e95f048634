"""Signing in: a chain of refresh tokens that begins with a password, and the count of what failed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime, utcnow
from chassis.errors import Invalid, NotSignedIn, TooMany
from chassis.ids import new_id
from gateway.model import Base


class WrongCredentials(NotSignedIn):
    """No such user, not this password, a refresh token that is not good: all look alike."""

    code = "wrong_credentials"
    extra = {"error": "invalid_grant"}  # noqa: RUF012 - what OAuth2 clients look for


class WrongPassword(Invalid):
    """Not the present password of somebody who is signed in."""

    code = "wrong_password"


class SignInLocked(TooMany):
    """Too many failures for this account from this address."""

    code = "sign_in_locked"


class SignIn(Base):
    """Somebody gave their password on a device; everything that follows by refreshing belongs to it."""

    __tablename__ = "sign_ins"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id"), index=True)
    # When the password was last given; a password changed later ends it.
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(String(40))

    def end(self, reason: str) -> None:
        """Its tokens, access and refresh, are good no more."""
        if self.ended_at is None:
            self.ended_at, self.end_reason = utcnow(), reason


class RefreshToken(Base):
    """Good once. Only its hash is kept."""

    __tablename__ = "refresh_tokens"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    sign_in_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("sign_ins.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FailedSignIns(Base):
    """How often an account was tried in vain from one address since the window opened. Names neither."""

    __tablename__ = "failed_sign_ins"

    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


Index("refresh_tokens_sign_in_id", RefreshToken.sign_in_id)
