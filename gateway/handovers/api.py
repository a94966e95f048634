"""``/handovers``: a seller leaves, the relationships stay."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from starlette.requests import Request

from chassis.caller import Caller
from chassis.errors import NotAllowed, NotFound
from chassis.filters import Filter
from chassis.http import Face, IfMatch, Reply, Router
from chassis.paging import Listing, ListRequest, Page
from gateway.handovers import actions
from gateway.handovers.asking import briefs
from gateway.handovers.model import PARTS, Handover, Status
from gateway.handovers.rights import is_over, may_hand_over, reaches, teams_in_reach, visible_to
from gateway.handovers.schemas import AskHandover, BriefsView, Count, HandoverView, ShareView, TeamView
from gateway.identity.teams.model import Team
from gateway.identity.users.model import User
from gateway.leaving.asking import OpenWork, open_work

router = Router(tags=["handovers"])

HANDOVERS = Listing(
    model=Handover,
    sorts=("created_at",),
    default_sort="-created_at",
    filters={
        "status": Filter(Handover.status, Status),
        "from_user_id": Filter(Handover.from_user_id),
        "created_at": Filter(Handover.created_at),
    },
)


TEAMS = Listing(model=Team, sorts=("name",), default_sort="name")


async def _count_first(request: Request, face: Face, body: AskHandover) -> OpenWork | None:
    """A dry run asks the services before the transaction opens; they are asked nothing else."""
    return await open_work(request, face, str(body.from_user_id)) if body.dry_run else None


@router.post(
    "/handovers", status_code=202, allow=may_hand_over, first=_count_first, responses={200: {"model": HandoverView}}
)
def add_handover(tx: Session, caller: Caller, body: AskHandover, told: OpenWork | None) -> Reply[HandoverView]:
    """Give a seller's customers and open work to others; with `dry_run` 200 and the counts, and nothing is changed."""
    seller = actions.leaving_seller(tx, caller, str(body.from_user_id))
    shares = _shares(tx, caller, body)
    if told is None:
        made = actions.hand_over(tx, seller, shares, note=body.note, by=caller.actor)
        return Reply(_view(made), headers={"Location": f"/api/v1/handovers/{made.id}"})
    counted = HandoverView(
        id=None,
        from_user_id=seller.id,
        shares=[ShareView(to_user_id=user_id, share=share) for user_id, share in shares.items()],
        note=body.note,
        status="dry_run",
        counts={noun: Count(found=found) for noun, found in told.counts.items()},
        parts=told.parts,
        requested_by=caller.actor,
        undo_until=None,
        created_at=None,
        updated_at=None,
        version=None,
    )
    return Reply(counted, status=200)


@router.get("/handovers", listing=HANDOVERS)
def list_handovers(tx: Session, caller: Caller, asked: ListRequest) -> Page[HandoverView]:
    """Handovers of sellers whom the caller's right reaches, and those that brought the caller customers."""
    return HANDOVERS.page(tx, asked, _view, where=[visible_to(caller)])


@router.get("/handover_teams", allow=may_hand_over, listing=TEAMS)
def list_handover_teams(tx: Session, caller: Caller, asked: ListRequest) -> Page[TeamView]:
    """Teams over which the caller may spread somebody's customers."""
    return TEAMS.page(tx, asked, TeamView.model_validate, where=[Team.deleted_at.is_(None), teams_in_reach(caller)])


@router.get("/handovers/{handover_id}")
def read_handover(tx: Session, caller: Caller, handover_id: UUID) -> HandoverView:
    """One handover: how far it has got, by kind of record."""
    return _view(_find(tx, caller, handover_id))


@router.post("/handovers/{handover_id}/undo", status_code=202)
def undo_handover(tx: Session, caller: Caller, handover_id: UUID, if_match: IfMatch) -> HandoverView:
    """Give back what nobody has given to somebody else since; within 30 days."""
    handover = _find(tx, caller, handover_id, lock=True)
    seller = tx.get(User, handover.from_user_id)
    if seller is None or not reaches(caller, seller):
        raise NotAllowed()
    if_match.check(handover.version, lambda: _view(handover))
    return _view(actions.undo_handover(tx, handover))


@router.get("/handovers/{handover_id}/briefs")
async def read_briefs(
    request: Request,
    face: Face,
    caller: Caller,
    handover_id: UUID,
    limit: Annotated[int, Query(ge=1, le=50)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> BriefsView:
    """Each customer in brief: who they are, open deals, last contact, what is planned, what they owe, the note."""

    def look(tx: Session) -> bool:
        return is_over(tx, caller, _find(tx, caller, handover_id))

    # Who takes over sees what they got, whoever is above them everything.
    query: dict[str, Any] = {"handover_id": handover_id, "limit": limit}
    if not await face.read(look):
        query["to"] = caller.id
    if cursor is not None:
        query["cursor"] = cursor
    return BriefsView.model_validate(await briefs(request, face, caller, query))


def _find(tx: Session, caller: Caller, handover_id: UUID, *, lock: bool = False) -> Handover:
    """The handover, if the caller may see it; raises NotFound."""
    seen: ColumnElement[bool] = visible_to(caller)
    chosen = select(Handover).where(Handover.id == str(handover_id), seen)
    handover = tx.scalars(chosen.with_for_update() if lock else chosen).one_or_none()
    if handover is None:
        raise NotFound()
    return handover


def _shares(tx: Session, caller: Caller, body: AskHandover) -> actions.Shares:
    besides, rules = str(body.from_user_id), body.rules
    if rules is not None and rules.team_id is not None:
        return actions.members_in_turn(tx, caller, str(rules.team_id), besides)
    if rules is not None:
        shares = {str(each.to_user_id): each.share for each in rules.shares}
        pointers = [f"/rules/shares/{place}/to_user_id" for place in range(len(shares))]
    else:
        shares, pointers = {str(body.to_user_id): 1}, ["/to_user_id"]
    actions.check_shares(tx, caller, shares, besides, pointers)
    return shares


def _view(handover: Handover) -> HandoverView:
    names = [name for name in HandoverView.model_fields if name not in ("parts", "counts", "shares")]
    shown = {name: getattr(handover, name) for name in names}
    counts = {noun: Count.model_validate(count) for noun, count in handover.counts.items()}
    shares = [ShareView(to_user_id=each["to_user_id"], share=each["share"]) for each in handover.shares]
    parts: Any = dict.fromkeys(PARTS, "ok")
    return HandoverView(**shown, counts=counts, shares=shares, parts=parts)
