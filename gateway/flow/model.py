"""What operators did to what was parked: kept for good, with who asked and why."""

from datetime import datetime

from sqlalchemy import Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import UtcDateTime, utcnow
from chassis.ids import new_id
from gateway.model import Base


class FlowAct(Base):
    """One act. It is written down before the service is asked; without ``finished_at`` its outcome was never heard."""

    __tablename__ = "flow_acts"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    actor: Mapped[str] = mapped_column(String(200))
    verb: Mapped[str] = mapped_column(String(10))
    service: Mapped[str] = mapped_column(String(100))
    ref: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    # asked → done, unchanged (somebody had done it before), refused, unknown (the service did not answer)
    outcome: Mapped[str] = mapped_column(String(10), default="asked")
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def end(self, outcome: str) -> None:
        """What came of it."""
        self.outcome, self.finished_at = outcome, utcnow()


Index("flow_acts_at", FlowAct.at, FlowAct.id)
Index("flow_acts_service", FlowAct.service, FlowAct.at)
Index("flow_acts_ref", FlowAct.ref, FlowAct.at)
Index("flow_acts_actor", FlowAct.actor, FlowAct.at)
