"""Looking teams up, with those below them."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import FieldError, Invalid
from chassis.i18n import say
from gateway.identity.teams.model import Team


def teams_with_ids(tx: Session, ids: Sequence[str], pointer: str = "/team_ids") -> list[Team]:
    """These teams; raises Invalid that points to the first one that is not there."""
    found = {team.id: team for team in tx.scalars(select(Team).where(Team.id.in_(ids), Team.deleted_at.is_(None)))}
    for number, team_id in enumerate(ids):
        if team_id not in found:
            message = say("There is no such team.")
            raise Invalid(message, errors=[FieldError(f"{pointer}/{number}", message)])
    return list({team_id: found[team_id] for team_id in ids}.values())


def with_those_below(tx: Session, ids: Collection[str]) -> frozenset[str]:
    """The ids of these teams and of every team below them."""
    if not ids:
        return frozenset()
    here = select(Team.id).where(Team.id.in_(ids), Team.deleted_at.is_(None)).cte(recursive=True)
    # UNION, not UNION ALL: should two changes at once ever make a circle, the walk still ends.
    below = here.union(select(Team.id).where(Team.parent_id == here.c.id, Team.deleted_at.is_(None)))
    return frozenset(tx.scalars(select(below.c.id)))
