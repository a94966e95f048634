"""Who may hand somebody's work over: administrators, and managers whose right reaches that seller."""

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.errors import NotAllowed
from chassis.i18n import say
from gateway.handovers.model import Handover, Recipient
from gateway.identity.reach import teams_of
from gateway.identity.teams.model import Team, team_members
from gateway.identity.users.model import User

_REACHING = ("team", "below", "all")


def may_hand_over(caller: Caller) -> None:
    """A route's rule: the right to handovers reaches further than oneself."""
    if caller.kind != "user" or caller.depths.get("handover.create") not in _REACHING:
        raise NotAllowed(say("Only managers and administrators hand over somebody's work."))


def reaches(caller: Caller, user: User, act: str = "create") -> bool:
    """Whether the caller's right to handovers reaches this seller."""
    depth = caller.depths.get(f"handover.{act}")
    return depth == "all" or not teams_of(caller, depth).isdisjoint(user.team_ids)


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """The handovers that the caller may see: of sellers in their reach, and those that brought them something."""
    if caller.kind != "user":
        return false()
    depth = caller.depths.get("handover.read")
    if depth == "all":
        return true()
    mine = Handover.id.in_(select(Recipient.handover_id).where(Recipient.user_id == caller.id))
    teams = teams_of(caller, depth)
    if not teams:
        return mine
    of_teams = select(team_members.c.user_id).where(team_members.c.team_id.in_(sorted(teams)))
    return or_(mine, Handover.from_user_id.in_(of_teams))


def teams_in_reach(caller: Caller) -> ColumnElement[bool]:
    """The teams that have such people."""
    depth = caller.depths.get("handover.create")
    peopled = Team.id.in_(select(team_members.c.team_id))
    return peopled if depth == "all" else peopled & Team.id.in_(sorted(teams_of(caller, depth)))


def is_over(tx: Session, caller: Caller, handover: Handover) -> bool:
    """Whether the caller sees the whole of it, and not only what it brought them."""
    user = tx.get(User, handover.from_user_id)
    return user is not None and reaches(caller, user, "read")
