"""Five failures a minute for an account from an address, then nobody gets in there, not even with the right password.

Counted in the database, so that all gateways count together and a lost cache opens no door.
"""

import hashlib
from datetime import timedelta

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.i18n import say
from gateway.identity.sign_ins.model import FailedSignIns, SignInLocked

MOST_FAILURES = 5
WINDOW = timedelta(minutes=1)


def whose(account: str, address: str) -> str:
    """The name under which failures are counted: a hash, since a person's address is nobody's business here."""
    return hashlib.sha256(f"{account}\0{address}".encode()).hexdigest()


def check_not_locked(tx: Session, who: str) -> None:
    """Raises SignInLocked, with the seconds to wait, after too many failures."""
    failed = tx.get(FailedSignIns, who)
    if failed is None or failed.count < MOST_FAILURES:
        return
    left = (failed.since + WINDOW - utcnow()).total_seconds()
    if left > 0:
        message = say("Too many failed attempts. Wait a minute, then try again.")
        raise SignInLocked(message, headers={"Retry-After": str(int(left) + 1)})


def note_failure(tx: Session, who: str) -> None:
    """Count one more."""
    now = utcnow()
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    base = insert(FailedSignIns).values(who=who, count=1, since=now)
    over = FailedSignIns.since <= now - WINDOW
    tx.execute(
        base.on_conflict_do_update(
            index_elements=["who"],
            set_={
                "count": case((over, 1), else_=FailedSignIns.count + 1),
                "since": case((over, now), else_=FailedSignIns.since),
            },
        )
    )


def forget_failures(tx: Session, who: str) -> None:
    """The right password was given."""
    tx.execute(delete(FailedSignIns).where(FailedSignIns.who == who))
