"""An account: an organisation, or a household, that buys or may buy."""

from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.errors import Invalid
from chassis.owned_lists import list_indexes
from chassis.search import search_index
from events.sales import AccountState
from services.sales.parties.model import Party
from services.sales.tables import Base


class AccountKind(StrEnum):
    """What kind of organisation it is. A branch has its parent's tax code and three digits of its own."""

    COMPANY = "company"
    BRANCH = "branch"
    HOUSEHOLD = "household"
    INDIVIDUAL = "individual"
    STATE_UNIT = "state_unit"


class AccountInsideItself(Invalid):
    """An account cannot be a part of itself, neither directly nor by way of others."""

    code = "account_inside_itself"


class Account(Party, Base):
    """``tax_code`` in its one spelling: ten digits, a branch's ``0101234567-001``, or a person's twelve digits.

    One code may belong to several accounts: a household's is its owner's, who may keep several shops.
    """

    __tablename__ = "accounts"
    __noun__: ClassVar[str] = "account"
    __state__ = AccountState

    kind: Mapped[str] = mapped_column(String(20), default=AccountKind.COMPANY)
    name: Mapped[str] = mapped_column(String(300))
    tax_code: Mapped[str | None] = mapped_column(String(20))
    industry: Mapped[str | None] = mapped_column(String(200))
    size: Mapped[str | None] = mapped_column(String(60))
    parent_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False), ForeignKey("accounts.id"))

    @classmethod
    def search_parts(cls, row: Any) -> list[str | None]:
        """Name, tax code with and without its hyphen, addresses and phones."""
        tax_code = row["tax_code"]
        return [row["name"], tax_code, tax_code and tax_code.replace("-", ""), *cls.reach_words(row)]


search_index(Account, "name")
list_indexes(
    Account,
    filters=(
        *("kind", "lifecycle", "industry", "size", "source", "campaign", "tax_code"),
        *("parent_id", "lead_id", "partner_id", "owner_id", "team_id"),
    ),
    sorts=("created_at", "updated_at", "name"),
)
