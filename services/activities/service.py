"""The manifest of activities."""

from pathlib import Path

from chassis.service import Service
from events.activities import (
    ActivityAssigned,
    ActivityCancelled,
    ActivityCompleted,
    ActivityCreated,
    ActivityUpdated,
    HandoverAdvanced,
)
from services.activities.activities.api import router as activities
from services.activities.moments.api import router as moments
from services.activities.reactions import REACTIONS
from services.activities.tables import Base
from services.activities.timeline.api import router as timeline

ACTIVITIES = Service(
    name="activities",
    metadata=Base.metadata,
    routers=(activities, timeline, moments),
    reactions=REACTIONS,
    emits=(
        ActivityCreated,
        ActivityUpdated,
        ActivityCompleted,
        ActivityCancelled,
        ActivityAssigned,
        HandoverAdvanced,
    ),
    migrations="services.activities.migrations",
    messages=Path(__file__).parent / "messages",
    patience_s=0.25,
)
