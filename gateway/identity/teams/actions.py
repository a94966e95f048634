"""Making and changing teams."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.database import lock
from chassis.errors import Conflict
from chassis.i18n import say
from chassis.records import soft_delete
from gateway.identity.teams.model import Team, TeamBelowItself, TeamInUse, team_members
from gateway.identity.teams.queries import teams_with_ids, with_those_below


class TeamNameTaken(Conflict):
    """Another team is called like this."""

    code = "team_name_taken"


def create_team(tx: Session, *, name: str, parent_id: str | None, custom: dict[str, Any], team_id: str | None) -> Team:
    """A new team; raises TeamNameTaken, Invalid when there is no such parent."""
    _check_name(tx, name)
    _check_parent(tx, parent_id)
    team = Team(name=name, parent_id=parent_id, custom=custom)
    if team_id is not None:
        team.id = team_id
    tx.add(team)
    tx.flush()
    return team


def change_team(tx: Session, team: Team, changes: Mapping[str, Any]) -> Team:
    """Rename it or move it; raises TeamNameTaken, TeamBelowItself."""
    if "name" in changes and changes["name"] != team.name:
        _check_name(tx, changes["name"])
    if (parent_id := changes.get("parent_id")) is not None:
        # Two moves at once could each be fine and together make a circle.
        lock(tx, ["gateway teams"])
        _check_parent(tx, parent_id)
        if parent_id in with_those_below(tx, [team.id]):
            raise TeamBelowItself(say("A team cannot stand below itself."))
    for name, value in changes.items():
        setattr(team, name, value)
    tx.flush()
    return team


def delete_team(tx: Session, team: Team) -> None:
    """Take it away; raises TeamInUse while it has members or teams below."""
    member = tx.execute(select(team_members.c.user_id).where(team_members.c.team_id == team.id).limit(1)).first()
    if member or len(with_those_below(tx, [team.id])) > 1:
        raise TeamInUse(say("The team has members or teams below it."))
    soft_delete(tx, team)


def _check_name(tx: Session, name: str) -> None:
    if tx.scalars(select(Team.id).where(Team.name == name, Team.deleted_at.is_(None))).first():
        raise TeamNameTaken(say("Another team has this name."))


def _check_parent(tx: Session, parent_id: str | None) -> None:
    if parent_id is not None:
        teams_with_ids(tx, [parent_id], "/parent_id")
