"""What is asked of contacts, and what is answered."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from chassis.clock import Day
from chassis.fields import LongText, Text, Text30, Text150, Text200, Text300
from chassis.i18n import say
from services.sales.contacts.model import Contact, Gender
from services.sales.parties.schemas import PartyFacts, PartyView


class _Facts(PartyFacts):
    """What people may say of a contact. ``company`` is where somebody without an account works."""

    first_name: Text150 | None = None
    last_name: Text150 | None = None
    salutation: Text30 | None = None
    title: Text200 | None = None
    company: Text300 | None = None
    birthday: Day | None = None
    gender: Gender | None = None
    hobbies: Annotated[Text, Field(max_length=1000)] | None = None
    needs: LongText | None = None
    account_id: UUID | None = None


class CreateContact(_Facts):
    """A person as somebody types them in: a full name, or its parts. ``owner_id`` is the caller if left out."""

    id: UUID | None = None
    full_name: Text300 | None = None
    owner_id: UUID | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not (self.full_name or self.first_name or self.last_name):
            raise ValueError(say("Give full_name, first_name or last_name."))
        return self


class PatchContact(_Facts):
    """A merge patch: null takes a value away, arrays are replaced whole, ``custom`` merges per key."""

    full_name: Text300 = ""


class ContactView(PartyView):
    """A person; of an account, or a customer by themselves."""

    full_name: str
    first_name: str | None
    last_name: str | None
    salutation: str | None
    title: str | None
    company: str | None
    birthday: date | None
    gender: Gender | None
    hobbies: str | None
    needs: str | None
    account_id: str | None

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """This contact, as whoever may see it sees it."""
        return cls.model_validate(contact)


class NewContactView(ContactView):
    """``duplicates``: how many other contacts that the caller may see share a phone or an e-mail address."""

    duplicates: int

    @classmethod
    def among(cls, contact: Contact, duplicates: Sequence[Contact]) -> Self:
        """This new contact, and how many there were."""
        return cls.model_validate({**ContactView.of(contact).model_dump(), "duplicates": len(duplicates)})


class Contacts(BaseModel):
    """Some contacts."""

    items: list[ContactView]
    next_cursor: None = None
