"""Keys: how programs sign in."""

from datetime import datetime, timedelta

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime, utcnow
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.records import Record
from gateway.identity.keys.secret import digest, is_same, new_prefix, new_secret
from gateway.model import Base

# What a partner's key may be given: to push leads and to see what became of them, and nothing of ours.
PARTNER_SCOPES = frozenset({"leads:push"})


class KeyRevoked(Conflict):
    """A revoked key stays revoked; make a new one."""

    code = "key_revoked"


class ApiKey(Record, Base):
    """A key with its scopes. ``rate_limit`` in requests per second; None takes the installation's."""

    __tablename__ = "keys"
    __noun__ = "key"
    __history__ = frozenset({"name", "scopes", "rate_limit", "expires_at", "revoked_at"})

    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(8), unique=True, default=new_prefix)
    secret_digest: Mapped[str] = mapped_column(String(64))
    former_digest: Mapped[str | None] = mapped_column(String(64))
    former_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scopes: Mapped[list[str]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))
    partner_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("partners.id"))
    rate_limit: Mapped[int | None] = mapped_column(Integer)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def renew(self, overlap: timedelta) -> str:
        """A fresh secret, shown this once. The one before stays good for ``overlap``, the one before that does not."""
        if self.revoked_at is not None:
            raise KeyRevoked(say("A revoked key stays revoked. Make a new one."))
        self.former_digest, self.former_until = self.secret_digest, utcnow() + overlap
        secret = new_secret(self.prefix)
        self.secret_digest = digest(secret)
        return secret

    def revoke(self) -> None:
        """It opens nothing any more; twice is once."""
        self.revoked_at = self.revoked_at or utcnow()

    def opens_with(self, secret: str) -> bool:
        """Whether this secret opens something now."""
        now = utcnow()
        if self.revoked_at is not None or self.deleted_at is not None:
            return False
        if self.expires_at is not None and self.expires_at <= now:
            return False
        # Both are always compared: how long it takes must not tell which one it was.
        present, former = is_same(self.secret_digest, secret), is_same(self.former_digest, secret)
        return present or (former and self.former_until is not None and self.former_until > now)


Index("keys_created_at", ApiKey.created_at, ApiKey.id)
Index("keys_partner_id", ApiKey.partner_id)
Index("keys_revoked_at", ApiKey.revoked_at)
