"""What is asked of accounts, and what is answered."""

from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from chassis.fields import Text60, Text200, Text300
from services.sales.accounts.model import Account, AccountKind
from services.sales.parties.schemas import PartyFacts, PartyView
from services.sales.tax_codes import read_tax_code

TaxCode = Annotated[str, Field(max_length=30), AfterValidator(read_tax_code)]


class _Facts(PartyFacts):
    """What people may say of an account."""

    kind: AccountKind = AccountKind.COMPANY
    tax_code: TaxCode | None = None
    industry: Text200 | None = None
    size: Text60 | None = None
    parent_id: UUID | None = None


class CreateAccount(_Facts):
    """An account as somebody types it in. ``owner_id`` is the caller if left out.

    ``tax_code``: ten digits, a branch's ``0100109106-001``, or a household's or person's twelve.
    """

    id: UUID | None = None
    name: Text300
    owner_id: UUID | None = None


class PatchAccount(_Facts):
    """A merge patch: null takes a value away, arrays are replaced whole, ``custom`` merges per key."""

    name: Text300 = ""


class AccountView(PartyView):
    """An organisation, or a household, that buys or may buy."""

    kind: AccountKind
    name: str
    tax_code: str | None
    industry: str | None
    size: str | None
    parent_id: str | None

    @classmethod
    def of(cls, account: Account) -> Self:
        """This account, as whoever may see it sees it."""
        return cls.model_validate(account)


class NewAccountView(AccountView):
    """``duplicates``: how many others that the caller may see share a phone, an e-mail address or the tax code."""

    duplicates: int

    @classmethod
    def among(cls, account: Account, duplicates: Sequence[Account]) -> Self:
        """This new account, and how many there were."""
        return cls.model_validate({**AccountView.of(account).model_dump(), "duplicates": len(duplicates)})


class Accounts(BaseModel):
    """Some accounts."""

    items: list[AccountView]
    next_cursor: None = None
