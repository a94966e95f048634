"""The manifest of activities."""

from pathlib import Path

from chassis.service import Service
from events.activities import ActivityCancelled, ActivityCompleted, ActivityCreated, ActivityUpdated
from services.activities.activities.api import router as activities
from services.activities.reactions import REACTIONS
from services.activities.tables import Base
from services.activities.timeline.api import router as timeline

ACTIVITIES = Service(
    name="activities",
    metadata=Base.metadata,
    routers=(activities, timeline),
    reactions=REACTIONS,
    emits=(ActivityCreated, ActivityUpdated, ActivityCompleted, ActivityCancelled),
    migrations="services.activities.migrations",
    messages=Path(__file__).parent / "messages",
    patience_s=0.25,
)
