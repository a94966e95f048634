"""Forms come, change and go."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.errors import Conflict
from chassis.i18n import say
from chassis.records import restore, soft_delete
from services.channels.forms.model import Form


class FormKeyTaken(Conflict):
    """Another form has this key."""

    code = "form_key_taken"


def create_form(tx: Session, *, form_id: str | None = None, **values: Any) -> Form:
    """A form that takes answers from now on; raises FormKeyTaken."""
    _check_key(tx, values["key"])
    form = Form(**values)
    if form_id is not None:
        form.id = form_id
    tx.add(form)
    tx.flush()
    return form


def change_form(tx: Session, form: Form, changes: Mapping[str, Any]) -> Form:
    """Change what is given. The key stays: pages hold it."""
    for name, value in changes.items():
        setattr(form, name, value)
    tx.flush()
    return form


def delete_form(tx: Session, form: Form) -> None:
    """It takes no more answers."""
    soft_delete(tx, form)


def restore_form(tx: Session, form: Form) -> Form:
    """It takes answers again; raises FormKeyTaken when another form has its key by now."""
    if form.deleted_at is not None:
        _check_key(tx, form.key)
        restore(tx, form)
    return form


def _check_key(tx: Session, key: str) -> None:
    if tx.scalars(select(Form.id).where(Form.key == key, Form.deleted_at.is_(None))).first():
        raise FormKeyTaken(say("Another form has this key."))
