"""``/colleagues``: who else works here, so that records can be given to them and their names stand on pages."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.errors import NotAllowed
from chassis.filters import Filter, Special
from chassis.http import Router, View
from chassis.i18n import say
from chassis.paging import Listing, ListRequest, Page
from chassis.search import search_clause
from gateway.identity.reach import in_reach
from gateway.identity.roles.model import Role, role_holders
from gateway.identity.users.model import User

router = Router(tags=["me"])

# They sign in too, but do not work here.
OUTSIDERS = frozenset({"partner", "customer"})


def _handed_over(wanted: bool, caller: Caller) -> ColumnElement[bool]:
    """Those whose work the caller may hand over, or the others."""
    return in_reach(caller) if wanted else ~in_reach(caller)


COLLEAGUES = Listing(
    model=User,
    sorts=("name",),
    default_sort="name",
    filters={"id": Filter(User.id), "active": Filter(User.active), "in_reach": Special(_handed_over, bool)},
    search=lambda q: search_clause(User.search_text, q),
)


class ColleagueView(View):
    """Somebody who works here; ``active`` is false for those who have left."""

    id: str
    name: str
    active: bool


def insiders(caller: Caller) -> None:
    """Signed-in people who work here."""
    if caller.kind != "user" or (caller.roles and caller.roles <= OUTSIDERS):
        raise NotAllowed(say("This is for people who are signed in."))


@router.get("/colleagues", allow=insiders, listing=COLLEAGUES)
def list_colleagues(tx: Session, asked: ListRequest) -> Page[ColleagueView]:
    """Who works here, by name: no more than is needed to recognise them. `in_reach`: whose work I may hand over."""
    holders = select(role_holders.c.user_id).join(Role, Role.id == role_holders.c.role_id)
    outside_only = User.id.in_(holders.where(Role.key.in_(OUTSIDERS))) & User.id.not_in(
        holders.where(Role.key.not_in(OUTSIDERS))
    )
    return COLLEAGUES.page(tx, asked, ColleagueView.model_validate, where=[User.deleted_at.is_(None), ~outside_only])
