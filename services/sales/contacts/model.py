"""A contact: a person; of an account, or a customer by themselves."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Date, ForeignKey, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.owned_lists import list_indexes
from chassis.search import search_index
from events.sales import ContactState
from services.sales.parties.model import Party
from services.sales.tables import Base


class Gender(StrEnum):
    """As the person says."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Contact(Party, Base):
    """``company`` is what a person without an account says of where they work."""

    __tablename__ = "contacts"
    __noun__: ClassVar[str] = "contact"
    __state__ = ContactState

    full_name: Mapped[str] = mapped_column(String(300))
    first_name: Mapped[str | None] = mapped_column(String(150))
    last_name: Mapped[str | None] = mapped_column(String(150))
    salutation: Mapped[str | None] = mapped_column(String(30))
    title: Mapped[str | None] = mapped_column(String(200))
    company: Mapped[str | None] = mapped_column(String(300))
    birthday: Mapped[date | None] = mapped_column(Date)
    gender: Mapped[str | None] = mapped_column(String(10))
    hobbies: Mapped[str | None] = mapped_column(String(1000))
    needs: Mapped[str | None] = mapped_column(Text)
    account_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("accounts.id"))

    @classmethod
    def search_parts(cls, row: Any) -> list[str | None]:
        """Name, company, addresses and phones."""
        return [row["full_name"], row["company"], *cls.reach_words(row)]


search_index(Contact, "full_name")
list_indexes(
    Contact,
    filters=(
        *("account_id", "lifecycle", "source", "campaign", "birthday"),
        *("lead_id", "partner_id", "owner_id", "team_id"),
    ),
    sorts=("created_at", "updated_at", "full_name"),
)
