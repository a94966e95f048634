"""Handing over, and taking it back. Services do the work: they hear of it, and tell how far they have got."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.clock import utcnow
from chassis.database import lock
from chassis.errors import FieldError, Invalid
from chassis.i18n import Text, say
from chassis.outbox import emit
from events.gateway import HandoverCompleted, HandoverRequested, HandoverReturned, HandoverRevoked
from events.handovers import HandoverProgress
from gateway.handovers.model import Handover, HandoverRunning, NotActive, Recipient, Status
from gateway.handovers.rights import reaches
from gateway.identity.principals import user_caller
from gateway.identity.teams.model import team_members
from gateway.identity.users.model import User

UNDO_WITHIN = timedelta(days=30)

# What a seller works with. Whoever may not change one of these would have it, and nobody would look after it.
_WORK = ("lead", "account", "contact", "opportunity", "activity")

Shares = Mapping[str, int]
"""How much each person gets in relation to the others, by user id."""


def leaving_seller(tx: Session, caller: Caller, user_id: str) -> User:
    """The seller whose work is to go to others; raises Invalid for one who is absent or out of reach."""
    user = _user(tx, user_id)
    if user is None or not reaches(caller, user):
        raise _wrong("/from_user_id", say("There is no such user, or they are not in your team."))
    return user


def members_in_turn(tx: Session, caller: Caller, team_id: str, besides: str) -> Shares:
    """Everybody of a team who can take customers over, an even share each; raises Invalid when there is nobody."""
    members = select(team_members.c.user_id).where(team_members.c.team_id == team_id)
    chosen = select(User).where(User.id.in_(members), User.active.is_(True), User.deleted_at.is_(None))
    users = [user for user in tx.scalars(chosen.order_by(User.id)) if user.id != besides]
    able = [user.id for user in users if reaches(caller, user) and _can_take_over(tx, user)]
    if not able:
        raise _wrong("/rules/team_id", say("Nobody in this team can take customers over."))
    return dict.fromkeys(able, 1)


def check_shares(tx: Session, caller: Caller, shares: Shares, besides: str, pointers: Sequence[str]) -> None:
    """Raises Invalid that points to who cannot take over: absent, inactive, out of reach, without rights."""
    for (user_id, _), pointer in zip(shares.items(), pointers, strict=True):
        user = _user(tx, user_id)
        if user is None or not reaches(caller, user):
            raise _wrong(pointer, say("There is no such user, or they are not in your team."))
        if user.id == besides:
            raise _wrong(pointer, say("This is the person whose work is handed over."))
        if not user.active or not _can_take_over(tx, user):
            raise _wrong(
                pointer,
                say("This person cannot take customers over: they may not sign in, or not work on leads and deals."),
            )


def hand_over(tx: Session, seller: User, shares: Shares, *, note: str | None, by: str) -> Handover:
    """Ask the services to move everything that is open. Raises HandoverRunning while another of this seller's is."""
    lock(tx, [f"handover {seller.id}"])
    under_way = Handover.status.in_((Status.RUNNING, Status.RETURNING))
    if tx.scalar(select(Handover.id).where(Handover.from_user_id == seller.id, under_way)) is not None:
        raise HandoverRunning(say("A handover of this person is under way."))
    now = utcnow()
    teams = {user.id: user.team_ids for user in tx.scalars(select(User).where(User.id.in_(shares)))}
    handover = Handover(
        from_user_id=seller.id,
        from_team_id=next(iter(seller.team_ids), None),
        shares=[
            {"to_user_id": user_id, "team_id": next(iter(sorted(teams[user_id])), None), "share": share}
            for user_id, share in shares.items()
        ],
        note=note,
        requested_by=by,
        created_at=now,
        updated_at=now,
        undo_until=now + UNDO_WITHIN,
        progress={},
    )
    tx.add(handover)
    tx.flush()
    tx.add_all(Recipient(handover_id=handover.id, user_id=user_id) for user_id in shares)
    emit(tx, HandoverRequested(handover=handover.state()))
    return handover


def undo_handover(tx: Session, handover: Handover) -> Handover:
    """Ask the services to give back what nobody has given on. Again changes nothing.

    Raises HandoverRunning, UndoTooLate, or NotActive while the seller may not sign in.
    """
    lock(tx, [f"handover {handover.from_user_id}"])
    seller = _user(tx, handover.from_user_id)
    if handover.status == Status.DONE and (seller is None or not seller.active):
        raise NotActive(say("Let this person sign in again first."))
    if handover.revoke(utcnow()):
        tx.flush()
        emit(tx, HandoverRevoked(handover=handover.state()))
    return handover


def note_progress(tx: Session, service: str, told: HandoverProgress) -> None:
    """Keep how far a service has got; with the last word of the last one, it is done."""
    handover = tx.scalars(select(Handover).where(Handover.id == told.id).with_for_update()).one_or_none()
    if handover is not None and handover.note_progress(service, told):
        tx.flush()
        event = HandoverCompleted if handover.status == Status.DONE else HandoverReturned
        emit(tx, event(handover=handover.state()))


def _user(tx: Session, user_id: str) -> User | None:
    return tx.scalars(select(User).where(User.id == user_id, User.deleted_at.is_(None))).one_or_none()


def _can_take_over(tx: Session, user: User) -> bool:
    """They could go on with what they are given."""
    depths = user_caller(tx, user).depths
    return all(depths.get(f"{noun}.write", "none") != "none" for noun in _WORK)


def _wrong(pointer: str, message: Text) -> Invalid:
    return Invalid(message, errors=[FieldError(pointer, message)])
