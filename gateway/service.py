"""The gateway's manifest: a service like any other, and beside that the public door (``gateway.app``)."""

from pathlib import Path

from chassis.service import Service
from events.gateway import (
    HandoverCompleted,
    HandoverRequested,
    HandoverReturned,
    HandoverRevoked,
    PartnerCreated,
    PartnerUpdated,
    UserCreated,
    UserDeactivated,
    UserUpdated,
)
from gateway.handovers.api import router as handovers
from gateway.identity.keys.api import router as keys
from gateway.identity.me.api import router as me
from gateway.identity.partners.api import router as partners
from gateway.identity.roles.api import router as roles
from gateway.identity.sign_ins.api import router as sign_ins
from gateway.identity.teams.api import router as teams
from gateway.identity.users.api import router as users
from gateway.jobs import JOBS
from gateway.journeys.api import router as journeys
from gateway.leaving.api import router as leaving
from gateway.model import Base
from gateway.reactions import REACTIONS

GATEWAY = Service(
    name="gateway",
    metadata=Base.metadata,
    routers=(sign_ins, me, users, teams, roles, partners, keys, journeys, handovers, leaving),
    reactions=REACTIONS,
    jobs=JOBS,
    emits=(
        *(UserCreated, UserUpdated, UserDeactivated, PartnerCreated, PartnerUpdated),
        *(HandoverRequested, HandoverCompleted, HandoverRevoked, HandoverReturned),
    ),
    migrations="gateway.migrations",
    messages=Path(__file__).parent / "messages",
)
