"""Teams form a tree: whoever may see a team's records may be given those of the teams below."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Conflict
from chassis.records import Record, unique_while_alive
from gateway.model import Base


class TeamInUse(Conflict):
    """It has members or teams below."""

    code = "team_in_use"


class TeamBelowItself(Conflict):
    """A team cannot stand under itself or under a team below it."""

    code = "team_below_itself"


class Team(Record, Base):
    """A department or a group."""

    __tablename__ = "teams"
    __noun__ = "team"

    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("teams.id"))


team_members = Table(
    "team_members",
    Base.metadata,
    Column("user_id", Uuid(as_uuid=False), ForeignKey("users.id"), primary_key=True),
    Column("team_id", Uuid(as_uuid=False), ForeignKey("teams.id"), primary_key=True, index=True),
)

unique_while_alive(Team, "name")
Index("teams_parent_id", Team.parent_id)
Index("teams_created_at", Team.created_at, Team.id)
