"""Whom the right to hand over somebody's work reaches."""

from sqlalchemy import ColumnElement, select, true

from chassis.caller import Caller
from chassis.filters import NOTHING
from gateway.identity.teams.model import team_members
from gateway.identity.users.model import User


def in_reach(caller: Caller) -> ColumnElement[bool]:
    """The people whose work the caller may give to others, and to whom."""
    depth = caller.depths.get("handover.create")
    if depth == "all":
        return true()
    teams = sorted(teams_of(caller, depth))
    return User.id.in_(select(team_members.c.user_id).where(team_members.c.team_id.in_(teams))) if teams else NOTHING


def teams_of(caller: Caller, depth: str | None) -> frozenset[str]:
    """The teams to which a right of this depth reaches."""
    return {"team": caller.own_team_ids, "below": caller.team_ids | caller.own_team_ids}.get(depth or "", frozenset())
