"""What people do with cases. Each checks no rights: its caller found the case, locked, as the one who asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.published import Change, announce_new, set_fields
from events.service_desk import (
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
)
from services.service_desk.cases.model import Case, CaseStatus
from services.service_desk.cases.queries import merged_into
from services.service_desk.days import today
from services.service_desk.entitlements.actions import use_entitlement
from services.service_desk.numbers.actions import next_number
from services.service_desk.people.actions import hand_to
from services.service_desk.people.queries import get_person
from services.service_desk.sla_policies.promise import Promise
from services.service_desk.sla_policies.queries import promise_for, promise_of


def create_case(tx: Session, *, facts: Mapping[str, Any], owner_id: str | None, case_id: str | None = None) -> Case:
    """A new case; ``facts`` are columns by name. It counts on the customer's contract, and its clocks start."""
    now = _now()
    case = Case(id=case_id or new_id(), status=CaseStatus.NEW, article_ids=[], custom={}, created_at=now)
    set_fields(case, facts, by_key=())
    if owner_id is not None:
        hand_to(tx, case, owner_id)
    case.entitlement_id, case.coverage = use_entitlement(
        tx, account_id=case.account_id, contact_id=case.contact_id, product_id=case.product_id, day=today()
    )
    case.promise(_wanted(tx, case), None, now, now)
    case.number = next_number(tx, "CS", today())
    announce_new(tx, case, CaseCreated)
    return case


def change_case(tx: Session, case: Case, *, facts: Mapping[str, Any]) -> Case:
    """Set these columns; ``custom`` merges per key. Saying the same is no change. Raises CaseIsOver when closed."""
    case.must_not_be_closed()
    now = _now()
    notice_breaches(tx, case, now)
    change = Change(case)
    measured = (case.type, case.priority)
    set_fields(case, facts)
    if (case.type, case.priority) != measured:
        case.promise(_wanted(tx, case), _promise(tx, case), now, case.created_at)
    if tx.is_modified(case):
        change.announce(tx, CaseUpdated)
    return case


def assign_case(tx: Session, case: Case, *, owner_id: str) -> Case:
    """This person works on it from now on; a new case is open with that. Raises OwnerNotActive."""
    notice_breaches(tx, case, _now())
    change = Change(case)
    handed = hand_to(tx, case, owner_id)
    begun = case.status == CaseStatus.NEW and case.open()
    if handed or begun:
        change.announce(tx, CaseAssigned)
    return case


def escalate_case(tx: Session, case: Case, *, to: str | None, reason: str | None) -> Case:
    """Hand it to this person, or to its owner's manager if we know one. Raises CaseIsOver or OwnerNotActive."""
    now = _now()
    notice_breaches(tx, case, now)
    change = Change(case)
    first = case.escalate(now)
    owner = get_person(tx, case.owner_id) if case.owner_id and first else None
    target = to or (owner.manager_id if owner else None)
    handed = target is not None and hand_to(tx, case, target)
    if first or handed:
        change.announce(tx, CaseEscalated, reason=reason)
    return case


def open_case(tx: Session, case: Case) -> Case:
    """Work on it begins, or goes on after a wait. Again changes nothing; raises CaseIsOver."""
    now = _now()
    notice_breaches(tx, case, now)
    change = Change(case)
    waited = case.status == CaseStatus.WAITING
    if case.open():
        if waited:
            case.go_on(_promise(tx, case), now)
        change.announce(tx, CaseOpened)
    return case


def pause_case(tx: Session, case: Case) -> Case:
    """It waits for the customer: its clocks stand still. Again changes nothing; raises CaseIsOver."""
    case.must_not_be_over()
    now = _begun(tx, case)
    change = Change(case)
    if case.wait():
        case.stand_still(_promise(tx, case), now)
        change.announce(tx, CasePaused)
    return case


def resolve_case(tx: Session, case: Case, *, resolution: str) -> Case:
    """The customer has their answer. Again changes nothing; raises CaseIsOver for one that is closed."""
    case.must_not_be_closed()
    now = _begun(tx, case)
    change = Change(case)
    if case.resolve(resolution, now):
        case.respond(now)
        case.stand_still(_promise(tx, case), now)
        change.announce(tx, CaseResolved)
    return case


def close_case(tx: Session, case: Case) -> Case:
    """Nothing more is expected of it. Again changes nothing; raises CaseNotResolved."""
    change = Change(case)
    if case.close(_now()):
        change.announce(tx, CaseClosed)
    return case


def reopen_case(tx: Session, case: Case) -> Case:
    """It was not over after all; what was left of its time runs on. Raises CaseNotOver."""
    change = Change(case)
    if case.reopen():
        case.go_on(_promise(tx, case), _now())
        change.announce(tx, CaseReopened)
    return case


def merge_case(tx: Session, case: Case, *, into: Case) -> Case:
    """It is the same matter as another case, which goes on: this one is closed for good. Again changes nothing.

    What went into this one before goes along. Both are locked. Raises CaseWasMerged, or CaseIsOver when the other one
    is closed.
    """
    if case.merged_into_id == into.id:
        return case
    case.must_not_be_merged()
    into.must_not_be_merged()
    into.must_not_be_closed()
    for each in (*merged_into(tx, case.id), case):
        if each is case and case.status != CaseStatus.CLOSED:
            resolve_case(tx, case, resolution=f"→ {into.number}")
            close_case(tx, case)
        change = Change(each)
        each.merged_into_id = into.id
        change.announce(tx, CaseMerged, merged_into=into.id)
    return case


def hear_from_us(tx: Session, case: Case) -> None:
    """The customer was told something: that is the first response, and a new case is open with it."""
    now = _begun(tx, case)
    change = Change(case)
    case.respond(now)
    if tx.is_modified(case):
        change.announce(tx, CaseUpdated)


def hear_from_customer(tx: Session, case: Case) -> None:
    """The customer said something: we no longer wait for that, and what was over is not."""
    match case.status:
        case CaseStatus.WAITING:
            open_case(tx, case)
        case CaseStatus.RESOLVED | CaseStatus.CLOSED:
            reopen_case(tx, case)


def link_article(tx: Session, case: Case, article_id: str) -> Case:
    """This article helped with it. Again changes nothing; raises TooManyArticles."""
    return _articles(tx, case, lambda: case.name_article(article_id))


def unlink_article(tx: Session, case: Case, article_id: str) -> Case:
    """It did not help. Again changes nothing."""
    return _articles(tx, case, lambda: case.forget_article(article_id))


def notice_breaches(tx: Session, case: Case, at: datetime) -> int:
    """Say of each clock that has run out that it has, once; answers how many. The case is locked."""
    noticed = 0
    for clock in list(case.run_out(at)):
        change = Change(case)
        case.note_breach(clock, at)
        change.announce(tx, CaseBreached, clock=clock)
        noticed += 1
    return noticed


def _articles(tx: Session, case: Case, do: Any) -> Case:
    change = Change(case)
    before = case.article_ids
    do()
    if case.article_ids != before:
        change.announce(tx, CaseUpdated)
    return case


def _begun(tx: Session, case: Case) -> datetime:
    """Whoever does something about a new case has opened it: no stage is left out. Answers the present moment."""
    now = _now()
    notice_breaches(tx, case, now)
    if case.status == CaseStatus.NEW:
        change = Change(case)
        case.open()
        change.announce(tx, CaseOpened)
    return now


def _wanted(tx: Session, case: Case) -> Promise | None:
    return promise_for(tx, type=case.type, priority=case.priority, since=case.created_at)


def _promise(tx: Session, case: Case) -> Promise | None:
    return promise_of(tx, case.sla_policy_id, since=case.created_at)


def _now() -> datetime:
    # In whole seconds, as what is left of a clock is kept: standing still must not cost a part of one.
    return utcnow().replace(microsecond=0)
