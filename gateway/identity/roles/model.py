"""What somebody may do: for each kind of record and act, how far the right reaches."""

from collections.abc import Iterable, Mapping

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Conflict
from chassis.i18n import say
from chassis.records import Record, unique_while_alive
from gateway.model import Base

# How far a right reaches, from nothing to everything. ``below``: one's teams and every team under them.
DEPTHS = ("none", "own", "team", "below", "all")
ACTS = ("create", "read", "write", "delete", "assign", "share", "export", "approve")
WORK_AREAS = ("sales", "marketing", "service", "finance", "administration")
ADMINISTRATOR = "administrator"

Rights = Mapping[str, Mapping[str, str]]
"""``{"lead": {"read": "team", "write": "own"}}``; what is left out is ``none``."""


class BuiltInRole(Conflict):
    """A built-in role stays, under its key; the administrator's rights stay whole."""

    code = "built_in_role"


class RoleInUse(Conflict):
    """Somebody has it."""

    code = "role_in_use"


class Role(Record, Base):
    """A set of rights with a name. ``key`` is what services know it by, and never changes."""

    __tablename__ = "roles"
    __noun__ = "role"
    __history__ = frozenset({"labels", "rights", "work_areas", "deleted_at"})

    key: Mapped[str] = mapped_column(String(60))
    labels: Mapped[dict[str, str]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))
    built_in: Mapped[bool] = mapped_column(Boolean, default=False)
    rights: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"), default=dict)
    work_areas: Mapped[list[str]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"), default=list)

    def label(self, language: str) -> str:
        """What people call it, in their language if it has a name there."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.key)

    def grant(self, rights: Mapping[str, dict[str, str]]) -> None:
        """Replace the rights; nobody locks the administrators out of anything."""
        if self.key == ADMINISTRATOR:
            raise BuiltInRole(say("The administrator's rights cannot be changed."))
        self.rights = {noun: dict(acts) for noun, acts in rights.items()}

    def check_may_go(self) -> None:
        """Raises BuiltInRole when this one must stay."""
        if self.built_in:
            raise BuiltInRole(say("A built-in role cannot be deleted."))


role_holders = Table(
    "role_holders",
    Base.metadata,
    Column("user_id", Uuid(as_uuid=False), ForeignKey("users.id"), primary_key=True),
    Column("role_id", Uuid(as_uuid=False), ForeignKey("roles.id"), primary_key=True, index=True),
)

unique_while_alive(Role, "key")
Index("roles_created_at", Role.created_at, Role.id)


def widest(rights: Iterable[Rights]) -> dict[str, str]:
    """The rights of somebody with several roles, as a caller carries them: ``{"lead.read": "team"}``, no ``none``."""
    reach: dict[str, str] = {}
    for each in rights:
        for noun, acts in each.items():
            for act, depth in acts.items():
                name = f"{noun}.{act}"
                if depth != "none" and DEPTHS.index(depth) > DEPTHS.index(reach.get(name, "none")):
                    reach[name] = depth
    return reach
