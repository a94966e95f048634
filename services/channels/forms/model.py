"""Web forms that anybody may fill in."""

from typing import Any

from sqlalchemy import JSON, Boolean, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.records import Record, unique_while_alive
from services.channels.model import Base


class Form(Record, Base):
    """A form on somebody's web page. ``fields`` are in the order in which they are shown; see ``schemas.FormField``.

    ``honeypot`` names a field that people do not see: who fills it in is a robot. ``consent`` is what a ticked box
    agrees to. No ``allowed_origins`` means that any page may hold the form.
    """

    __tablename__ = "forms"
    __noun__ = "form"

    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    source: Mapped[str | None] = mapped_column(String(200))
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    allowed_origins: Mapped[list[str]] = mapped_column(JSON)
    honeypot: Mapped[str] = mapped_column(String(50))
    consent: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    thank_you: Mapped[str | None] = mapped_column(String(500))
    active: Mapped[bool] = mapped_column(Boolean)

    def welcomes(self, origin: str | None) -> bool:
        """Whether a page of this origin may hold the form. Who sends no origin is no page."""
        return origin is None or not self.allowed_origins or origin in self.allowed_origins


unique_while_alive(Form, "key")
Index("forms_created", Form.created_at, Form.id)
Index("forms_name", Form.name, Form.id)
Index("forms_active", Form.active)
