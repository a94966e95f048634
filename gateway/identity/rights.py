"""Notices when a transaction changes what somebody may do."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from chassis.database import Database
from gateway.identity.keys.model import ApiKey
from gateway.identity.partners.model import Partner
from gateway.identity.roles.model import Role
from gateway.identity.sign_ins.model import SignIn
from gateway.identity.teams.model import Team
from gateway.identity.users.model import User

_SAYS_WHAT_SOMEBODY_MAY = (User, Role, Team, Partner, ApiKey, SignIn)
_MARK = "rights changed"


def on_rights_changed(database: Database, tell: Callable[[], None]) -> None:
    """Call ``tell`` after each commit of this process that changed users, roles, teams, partners, keys or sign-ins."""

    def mark(tx: Session, _flush: Any) -> None:
        if any(isinstance(each, _SAYS_WHAT_SOMEBODY_MAY) for each in (*tx.dirty, *tx.deleted, *tx.new)):
            tx.info[_MARK] = True

    def told(tx: Session) -> None:
        if tx.info.pop(_MARK, False):
            tell()

    event.listen(database.sessions, "after_flush", mark)
    event.listen(database.sessions, "after_commit", told)
