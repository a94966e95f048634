"""The manifest of insight."""

from pathlib import Path

from chassis.service import Service
from services.insight.reactions import REACTIONS
from services.insight.reports.api import router as reports
from services.insight.tables import Base

INSIGHT = Service(
    name="insight",
    metadata=Base.metadata,
    routers=(reports,),
    reactions=REACTIONS,
    migrations="services.insight.migrations",
    messages=Path(__file__).parent / "messages",
    patience_s=0.25,
)
