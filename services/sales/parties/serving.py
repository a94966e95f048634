"""What the routes of accounts and of contacts do alike: each finds its record as the caller, and calls one action."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.http import IfMatch, Reply
from services.sales.parties import actions
from services.sales.parties.model import Party
from services.sales.parties.schemas import AddressView, NewAddress, PartyView
from services.sales.points.model import Kind
from services.sales.points.schemas import AddPoint, PointView, read_points, view_of
from services.sales.rights import to_change, to_read
from services.sales.schemas import Assign, History

P = TypeVar("P", bound=Party)
V = TypeVar("V", bound=PartyView)


@dataclass(frozen=True)
class Serving(Generic[P, V]):
    """One of the two nouns, and how a record of it is shown to whoever may see it."""

    model: type[P]
    view: Callable[[P], V]

    def find(self, tx: Session, party_id: UUID) -> P:
        """The record, to be read."""
        return to_read(tx, self.model, party_id)

    def to_change(self, tx: Session, party_id: UUID, if_match: IfMatch | None = None, **how: Any) -> P:
        """The record, locked; see ``rights.to_change``."""
        return to_change(tx, self.model, party_id, if_match, view=self.view, **how)

    def remove(self, tx: Session, party_id: UUID, if_match: IfMatch) -> None:
        """Out of lists and reads."""
        actions.remove(tx, self.to_change(tx, party_id, if_match, act="delete"))

    def restore(self, tx: Session, party_id: UUID) -> V:
        """Back into them."""
        return self.view(actions.restore(tx, self.to_change(tx, party_id, act="delete", deleted=True)))

    def assign(self, tx: Session, party_id: UUID, body: Assign, if_match: IfMatch) -> V:
        """To somebody else."""
        party = self.to_change(tx, party_id, if_match, act="assign")
        return self.view(actions.assign(tx, party, owner_id=str(body.owner_id)))

    def history(self, tx: Session, party_id: UUID, limit: int, cursor: str | None) -> History:
        """What was changed, newest first."""
        return History.of(tx, self.find(tx, party_id), limit=limit, cursor=cursor)

    def add_point(self, tx: Session, party_id: UUID, kind: Kind, body: AddPoint, if_match: IfMatch) -> Reply[PointView]:
        """One more phone number or e-mail address; 200 for one that is known."""
        party = self.to_change(tx, party_id, if_match)
        known = {each["id"] for each in party.points(kind)}
        for point in read_points(kind, body.value, "/value"):
            added = actions.add_point(tx, party, point, primary=body.primary)
        return Reply(view_of(added), status=200 if added["id"] in known else 201)

    def remove_point(self, tx: Session, party_id: UUID, kind: Kind, point_id: UUID, if_match: IfMatch) -> None:
        """One less."""
        actions.remove_point(tx, self.to_change(tx, party_id, if_match), kind, str(point_id))

    def add_address(self, tx: Session, party_id: UUID, body: NewAddress, if_match: IfMatch) -> AddressView:
        """One more place."""
        added = actions.add_address(tx, self.to_change(tx, party_id, if_match), body.model_dump())
        return AddressView.model_validate(added)

    def remove_address(self, tx: Session, party_id: UUID, address_id: UUID, if_match: IfMatch) -> None:
        """One less."""
        actions.remove_address(tx, self.to_change(tx, party_id, if_match), str(address_id))
