"""The gateway's manifest: a service like any other, and beside that the public door (``gateway.app``)."""

from pathlib import Path

from chassis.service import Service
from events.gateway import PartnerCreated, PartnerUpdated, UserCreated, UserDeactivated, UserUpdated
from gateway.flow.api import router as flow
from gateway.identity.colleagues.api import router as colleagues
from gateway.identity.keys.api import router as keys
from gateway.identity.me.api import router as me
from gateway.identity.partners.api import router as partners
from gateway.identity.roles.api import router as roles
from gateway.identity.sign_ins.api import router as sign_ins
from gateway.identity.teams.api import router as teams
from gateway.identity.users.api import router as users
from gateway.jobs import JOBS
from gateway.journeys.api import router as journeys
from gateway.model import Base

GATEWAY = Service(
    name="gateway",
    metadata=Base.metadata,
    routers=(sign_ins, me, colleagues, users, teams, roles, partners, keys, journeys, flow),
    jobs=JOBS,
    emits=(UserCreated, UserUpdated, UserDeactivated, PartnerCreated, PartnerUpdated),
    migrations="gateway.migrations",
    messages=Path(__file__).parent / "messages",
)
