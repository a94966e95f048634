"""The manifest of channels."""

from pathlib import Path

from chassis.service import Service
from events.channels import SubmissionReceived, SubmissionUpdated
from services.channels.batches.api import router as batches
from services.channels.feed.api import router as feed
from services.channels.forms.api import router as forms
from services.channels.intake.api import router as intake
from services.channels.jobs import JOBS
from services.channels.model import Base
from services.channels.reactions import REACTIONS
from services.channels.webhooks.api import router as webhooks
from services.channels.webhooks.sending import DELIVERIES

CHANNELS = Service(
    name="channels",
    metadata=Base.metadata,
    routers=(intake, batches, forms, feed, webhooks),
    reactions=REACTIONS,
    jobs=JOBS,
    deliveries=DELIVERIES,
    emits=(SubmissionReceived, SubmissionUpdated),
    migrations="services.channels.migrations",
    messages=Path(__file__).parent / "messages",
)
