"""Companies that push leads to us."""

from sqlalchemy import Boolean, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.records import Record, unique_while_alive
from events.gateway import PartnerState
from gateway.model import Base


class Partner(Record, Base):
    """A company with keys. One that is not active, or deleted, has keys that open nothing."""

    __tablename__ = "partners"
    __noun__ = "partner"

    name: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def state(self) -> PartnerState:
        """What the others are told about it."""
        return PartnerState(
            id=self.id, name=self.name, active=self.active and self.deleted_at is None, version=self.version
        )


unique_while_alive(Partner, "name")
Index("partners_created_at", Partner.created_at, Partner.id)
Index("partners_active", Partner.active)
