"""The manifest of the service desk."""

from pathlib import Path

from chassis.service import Service
from events.service_desk import (
    ArticleArchived,
    ArticleCreated,
    ArticlePublished,
    ArticleUpdated,
    CaseAssigned,
    CaseBreached,
    CaseClosed,
    CaseCreated,
    CaseEscalated,
    CaseMerged,
    CaseOpened,
    CasePaused,
    CaseReopened,
    CaseResolved,
    CaseUpdated,
    EntitlementCreated,
    EntitlementUpdated,
    MessageWritten,
)
from services.service_desk.articles.api import router as articles
from services.service_desk.cases.api import router as cases
from services.service_desk.conversation.api import router as conversation
from services.service_desk.entitlements.api import router as entitlements
from services.service_desk.jobs import JOBS
from services.service_desk.reactions import REACTIONS
from services.service_desk.sla_policies.api import router as sla_policies
from services.service_desk.tables import Base

SERVICE_DESK = Service(
    name="service_desk",
    metadata=Base.metadata,
    routers=(cases, conversation, sla_policies, articles, entitlements),
    reactions=REACTIONS,
    jobs=JOBS,
    emits=(
        CaseCreated,
        CaseUpdated,
        CaseAssigned,
        CaseEscalated,
        CaseOpened,
        CasePaused,
        CaseResolved,
        CaseClosed,
        CaseReopened,
        CaseMerged,
        CaseBreached,
        MessageWritten,
        ArticleCreated,
        ArticleUpdated,
        ArticlePublished,
        ArticleArchived,
        EntitlementCreated,
        EntitlementUpdated,
    ),
    migrations="services.service_desk.migrations",
    messages=Path(__file__).parent / "messages",
    patience_s=0.25,
)
