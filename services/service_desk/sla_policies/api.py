"""The routes of service level policies and of holidays. One right, to policies, serves for both."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.access import find
from chassis.fields import Cursor, History, Limit
from chassis.http import IfMatch, Router
from chassis.paging import ListRequest, Page
from chassis.rights import must_have, to_change, to_read
from services.service_desk.sla_policies import actions
from services.service_desk.sla_policies.model import Holiday, SlaPolicy
from services.service_desk.sla_policies.queries import HOLIDAYS, POLICIES
from services.service_desk.sla_policies.schemas import (
    CreateHoliday,
    CreateSlaPolicy,
    HolidayView,
    PatchSlaPolicy,
    SlaPolicyView,
)

router = Router(tags=["sla_policies"])


@router.get("/sla_policies", listing=POLICIES)
def list_policies(tx: Session, asked: ListRequest) -> Page[SlaPolicyView]:
    """What customers are promised."""
    must_have(tx, SlaPolicy, "read")
    return POLICIES.page(tx, asked, SlaPolicyView.of)


@router.post("/sla_policies", status_code=201)
def create_policy(tx: Session, body: CreateSlaPolicy) -> SlaPolicyView:
    """Promise a first response and a solution, in working time, for cases that come in from now on."""
    must_have(tx, SlaPolicy, "create")
    policy_id = str(body.id) if body.id else None
    return SlaPolicyView.of(actions.create_policy(tx, facts=body.facts(), policy_id=policy_id))


@router.get("/sla_policies/{sla_policy_id}")
def read_policy(tx: Session, sla_policy_id: UUID) -> SlaPolicyView:
    """One policy."""
    return SlaPolicyView.of(to_read(tx, SlaPolicy, sla_policy_id))


@router.patch("/sla_policies/{sla_policy_id}")
def change_policy(tx: Session, sla_policy_id: UUID, body: PatchSlaPolicy, if_match: IfMatch) -> SlaPolicyView:
    """Change a policy (merge patch); due times that run already stay."""
    policy = to_change(tx, SlaPolicy, sla_policy_id, if_match, view=SlaPolicyView.of)
    return SlaPolicyView.of(actions.change_policy(tx, policy, facts=body.facts()))


@router.get("/sla_policies/{sla_policy_id}/history")
def read_sla_policy_history(tx: Session, sla_policy_id: UUID, limit: Limit = 50, cursor: Cursor = None) -> History:
    """What was changed on a policy, by whom and when, newest first."""
    return History.of(tx, to_read(tx, SlaPolicy, sla_policy_id), limit=limit, cursor=cursor)


@router.get("/holidays", listing=HOLIDAYS)
def list_holidays(tx: Session, asked: ListRequest) -> Page[HolidayView]:
    """Days unlike their weekday."""
    must_have(tx, SlaPolicy, "read")
    return HOLIDAYS.page(tx, asked, HolidayView.of)


@router.post("/holidays", status_code=201)
def add_holiday(tx: Session, body: CreateHoliday) -> HolidayView:
    """A day without work, or one worked in exchange. Clocks that run already stay."""
    must_have(tx, SlaPolicy, "create")
    facts = body.model_dump(exclude={"id"})
    return HolidayView.of(actions.add_holiday(tx, facts=facts, holiday_id=str(body.id) if body.id else None))


@router.get("/holidays/{holiday_id}")
def read_holiday(tx: Session, holiday_id: UUID) -> HolidayView:
    """One such day."""
    must_have(tx, SlaPolicy, "read")
    return HolidayView.of(find(tx, Holiday, str(holiday_id)))


@router.delete("/holidays/{holiday_id}", status_code=204)
def remove_holiday(tx: Session, holiday_id: UUID) -> None:
    """It is a day like any other."""
    must_have(tx, SlaPolicy, "write")
    actions.remove_holiday(tx, find(tx, Holiday, str(holiday_id), lock=True))
