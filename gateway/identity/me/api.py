"""``/me``: who I am, what I may do, how I want things shown."""

from sqlalchemy.orm import Session

from chassis.access import find
from chassis.caller import Caller
from chassis.http import IfMatch, Router
from gateway.identity.me.schemas import ChangeMe, MeView, MyRole, MyTeam
from gateway.identity.roles.model import WORK_AREAS, widest
from gateway.identity.sign_ins.api import people
from gateway.identity.users.actions import change_user
from gateway.identity.users.model import User

router = Router(tags=["me"])


@router.get("/me", allow=people)
def read_me(tx: Session, caller: Caller) -> MeView:
    """Who I am and what I may do."""
    return _view(find(tx, User, caller.id))


@router.patch("/me", allow=people)
def update_me(tx: Session, caller: Caller, body: ChangeMe, if_match: IfMatch) -> MeView:
    """My language, time zone and default work area."""
    user = find(tx, User, caller.id, lock=True)
    if_match.check(user.version, lambda: _view(user))
    return _view(change_user(tx, user, body.model_dump(exclude_unset=True)))


def _view(user: User) -> MeView:
    areas = {area for role in user.roles for area in role.work_areas}
    return MeView(
        id=user.id,
        email=user.email,
        name=user.name,
        locale=user.locale,
        time_zone=user.time_zone,
        default_work_area=user.default_work_area,
        roles=[MyRole(id=role.id, key=role.key, label=role.label(user.locale)) for role in user.roles],
        teams=[MyTeam(id=team.id, name=team.name) for team in user.teams],
        privileges=widest(role.rights for role in user.roles),
        work_areas=[area for area in WORK_AREAS if area in areas],
        custom=user.custom,
        version=user.version,
    )
