"""``/teams``: who works together. Administrators only."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import find
from chassis.filters import Filter
from chassis.http import IfMatch, Router
from chassis.paging import Listing, ListRequest, Page
from chassis.records import restore
from gateway.identity.administering import HistoryPage, administrators, find_to_write, history_page, merged
from gateway.identity.teams.actions import change_team, create_team, delete_team
from gateway.identity.teams.model import Team
from gateway.identity.teams.schemas import ChangeTeam, CreateTeam, TeamView

router = Router(tags=["teams"])

TEAMS = Listing(
    model=Team,
    sorts=("created_at", "name"),
    default_sort="name",
    filters={"name": Filter(Team.name), "parent_id": Filter(Team.parent_id)},
)


@router.get("/teams", allow=administrators, listing=TEAMS)
def list_teams(tx: Session, asked: ListRequest) -> Page[TeamView]:
    """Teams by name."""
    return TEAMS.page(tx, asked, TeamView.model_validate, where=[Team.deleted_at.is_(None)])


@router.post("/teams", status_code=201, allow=administrators)
def add_team(tx: Session, body: CreateTeam) -> TeamView:
    """A new team."""
    team = create_team(
        tx,
        name=body.name,
        parent_id=_text(body.parent_id),
        custom=merged({}, body.custom),
        team_id=_text(body.id),
    )
    return TeamView.model_validate(team)


@router.get("/teams/{team_id}", allow=administrators)
def read_team(tx: Session, team_id: UUID) -> TeamView:
    """One team."""
    return TeamView.model_validate(find(tx, Team, str(team_id)))


@router.patch("/teams/{team_id}", allow=administrators)
def update_team(tx: Session, team_id: UUID, body: ChangeTeam, if_match: IfMatch) -> TeamView:
    """Rename a team or move it under another."""
    team = find_to_write(tx, Team, team_id, if_match, TeamView.model_validate)
    changes: dict[str, Any] = body.model_dump(exclude_unset=True)
    if "parent_id" in changes:
        changes["parent_id"] = _text(body.parent_id)
    if "custom" in changes:
        changes["custom"] = merged(team.custom, body.custom)
    return TeamView.model_validate(change_team(tx, team, changes))


@router.delete("/teams/{team_id}", allow=administrators)
def remove_team(tx: Session, team_id: UUID, if_match: IfMatch) -> None:
    """Delete a team that has no members and none below it."""
    delete_team(tx, find_to_write(tx, Team, team_id, if_match, TeamView.model_validate))


@router.post("/teams/{team_id}/restore", allow=administrators)
def restore_team(tx: Session, team_id: UUID) -> TeamView:
    """Bring a deleted team back; its name is checked again."""
    team = find(tx, Team, str(team_id), lock=True, deleted=True)
    restore(tx, team)
    return TeamView.model_validate(team)


@router.get("/teams/{team_id}/history", allow=administrators)
def team_history(
    tx: Session, team_id: UUID, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> HistoryPage:
    """What was changed, by whom and when."""
    return history_page(tx, find(tx, Team, str(team_id)), limit, cursor)


def _text(value: UUID | None) -> str | None:
    return str(value) if value is not None else None
