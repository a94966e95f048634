"""Finding the form that a web page means."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import NotFound
from services.channels.forms.model import Form


def find_open_form(tx: Session, key: str) -> Form:
    """The form with this key if it takes answers; raises NotFound."""
    found = tx.scalars(select(Form).where(Form.key == key, Form.deleted_at.is_(None), Form.active)).first()
    if found is None:
        raise NotFound
    return found
