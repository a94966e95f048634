"""Somebody leaves: they may no longer sign in, and what they leave behind is counted."""

from uuid import UUID

from sqlalchemy.orm import Session
from starlette.requests import Request

from chassis.http import Face, IfMatch, Router
from chassis.i18n import Catalogue, Language, say
from gateway.identity.administering import administrators, find_to_write
from gateway.identity.users.actions import deactivate_user
from gateway.identity.users.model import User
from gateway.identity.users.schemas import UserView
from gateway.leaving.asking import OpenWork, open_work
from gateway.leaving.schemas import LeavingView

router = Router(tags=["users"])


async def _count_first(request: Request, face: Face, user_id: UUID) -> OpenWork:
    return await open_work(request, face, str(user_id))


@router.post("/users/{user_id}/deactivate", allow=administrators, first=_count_first)
def stop_user(
    tx: Session, user_id: UUID, if_match: IfMatch, told: OpenWork, catalogue: Catalogue, language: Language
) -> LeavingView:
    """They may no longer sign in, and their sign-ins end at once. `open_records` is what they still own."""
    user = deactivate_user(tx, find_to_write(tx, User, user_id, if_match, UserView.model_validate))
    warning = None
    if any(told.counts.values()):
        warning = say("{count} open records are still theirs. Hand them over.", count=sum(told.counts.values()))
    elif "unavailable" in told.parts.values():
        warning = say("It is not known what they leave behind: not everybody answered.")
    return LeavingView(
        **UserView.model_validate(user).model_dump(),
        open_records={noun: count for noun, count in told.counts.items() if count},
        parts=told.parts,
        warning=catalogue.text(warning, language) if warning else None,
    )
