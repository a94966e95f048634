"""``/keys``: how programs sign in. Administrators only."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlalchemy.orm import Session

from chassis.access import find
from chassis.filters import Filter
from chassis.http import IfMatch, Router
from chassis.paging import Listing, ListRequest, Page
from gateway.identity.administering import HistoryPage, administrators, find_to_write, history_page
from gateway.identity.keys.actions import change_key, create_key, revoke_key, rotate_key
from gateway.identity.keys.model import ApiKey
from gateway.identity.keys.schemas import ChangeKey, CreateKey, KeyView, NewSecretView, RotateKey

router = Router(tags=["keys"])

KEYS = Listing(
    model=ApiKey,
    sorts=("created_at",),
    default_sort="-created_at",
    filters={
        "partner_id": Filter(ApiKey.partner_id),
        "prefix": Filter(ApiKey.prefix),
        "revoked_at": Filter(ApiKey.revoked_at),
    },
)


@router.get("/keys", allow=administrators, listing=KEYS)
def list_keys(tx: Session, asked: ListRequest) -> Page[KeyView]:
    """Keys, the newest first, the revoked ones too."""
    return KEYS.page(tx, asked, KeyView.model_validate, where=[ApiKey.deleted_at.is_(None)])


@router.post("/keys", status_code=201, allow=administrators, secret=["secret"])
def add_key(tx: Session, body: CreateKey) -> NewSecretView:
    """A new key; its secret is shown this once."""
    fields: dict[str, Any] = body.model_dump(exclude={"id", "partner_id"})
    key, secret = create_key(
        tx,
        partner_id=str(body.partner_id) if body.partner_id else None,
        key_id=str(body.id) if body.id else None,
        **fields,
    )
    return _with_secret(key, secret)


@router.get("/keys/{key_id}", allow=administrators)
def read_key(tx: Session, key_id: UUID) -> KeyView:
    """One key."""
    return KeyView.model_validate(find(tx, ApiKey, str(key_id)))


@router.patch("/keys/{key_id}", allow=administrators)
def update_key(tx: Session, key_id: UUID, body: ChangeKey, if_match: IfMatch) -> KeyView:
    """Another name, other scopes, another rate or end."""
    key = find_to_write(tx, ApiKey, key_id, if_match, KeyView.model_validate)
    return KeyView.model_validate(change_key(tx, key, body.model_dump(exclude_unset=True)))


@router.post("/keys/{key_id}/rotate", allow=administrators, secret=["secret"])
def renew_key(tx: Session, key_id: UUID, if_match: IfMatch, body: RotateKey | None = None) -> NewSecretView:
    """A new secret, shown this once; the old one stays good for a while."""
    key = find_to_write(tx, ApiKey, key_id, if_match, KeyView.model_validate)
    overlap = timedelta(hours=(body or RotateKey()).overlap_hours)
    return _with_secret(key, rotate_key(tx, key, overlap=overlap))


@router.post("/keys/{key_id}/revoke", allow=administrators)
def end_key(tx: Session, key_id: UUID, if_match: IfMatch) -> KeyView:
    """The key opens nothing from now on; twice is once."""
    return KeyView.model_validate(revoke_key(tx, find_to_write(tx, ApiKey, key_id, if_match, KeyView.model_validate)))


@router.get("/keys/{key_id}/history", allow=administrators)
def key_history(
    tx: Session, key_id: UUID, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None
) -> HistoryPage:
    """What was changed, by whom and when."""
    return history_page(tx, find(tx, ApiKey, str(key_id)), limit, cursor)


def _with_secret(key: ApiKey, secret: str) -> NewSecretView:
    return NewSecretView(**KeyView.model_validate(key).model_dump(), secret=secret)
