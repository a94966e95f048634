"""People who sign in."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chassis.clock import UtcDateTime, utcnow
from chassis.errors import Conflict
from chassis.records import Record, unique_while_alive
from chassis.search import Searchable
from events.gateway import UserState
from gateway.identity.roles.model import ADMINISTRATOR, Role, role_holders
from gateway.identity.teams.model import Team, team_members
from gateway.model import Base


class EmailTaken(Conflict):
    """Another user signs in with this address."""

    code = "email_taken"


class LastAdministrator(Conflict):
    """Somebody must be able to administer."""

    code = "last_administrator"


class User(Searchable, Record, Base):
    """Somebody with an e-mail address and a password. Deactivated users keep their address and their records."""

    __tablename__ = "users"
    __noun__ = "user"
    __history__ = frozenset({"email", "name", "manager_id", "locale", "time_zone", "active", "custom"})
    __searchable__ = ("name", "email")

    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200), deferred=True)
    # What they signed in with before this moment is over: a new password, a deactivation.
    sign_in_again_after: Mapped[datetime | None] = mapped_column(UtcDateTime)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    manager_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("users.id"))
    locale: Mapped[str] = mapped_column(String(10), default="vi")
    time_zone: Mapped[str] = mapped_column(String(60), default="Asia/Ho_Chi_Minh")
    default_work_area: Mapped[str | None] = mapped_column(String(40))

    roles: Mapped[list[Role]] = relationship(secondary=role_holders, order_by=Role.key, lazy="selectin")
    teams: Mapped[list[Team]] = relationship(secondary=team_members, order_by=Team.name, lazy="selectin")

    @property
    def role_ids(self) -> list[str]:
        """Ids of the roles they have."""
        return [role.id for role in self.roles]

    @property
    def team_ids(self) -> list[str]:
        """Ids of the teams they belong to."""
        return [team.id for team in self.teams]

    def give_password(self, password_hash: str) -> None:
        """A new password; whatever they signed in with before is over."""
        self.password_hash, self.sign_in_again_after = password_hash, utcnow()

    @property
    def is_administrator(self) -> bool:
        """Whether they may administer now."""
        return self.active and any(role.key == ADMINISTRATOR for role in self.roles)

    @property
    def state(self) -> UserState:
        """What the others are told about them."""
        return UserState(
            id=self.id,
            name=self.name,
            email=self.email,
            roles=tuple(sorted(role.key for role in self.roles)),
            team_ids=tuple(sorted(self.team_ids)),
            manager_id=self.manager_id,
            locale=self.locale,
            active=self.active,
            version=self.version,
        )


unique_while_alive(User, "email")
Index("users_created_at", User.created_at, User.id)
Index("users_updated_at", User.updated_at, User.id)
Index("users_name", User.name, User.id)
Index("users_manager_id", User.manager_id)
Index("users_active", User.active)
