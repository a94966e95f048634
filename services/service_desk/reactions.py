"""What the service desk does because of what others announce."""

from sqlalchemy.orm import Session

from chassis.event import Envelope
from chassis.service import Reaction
from events.gateway import UserCreated, UserDeactivated, UserUpdated
from events.sales import (
    AccountAssigned,
    AccountCreated,
    AccountDeleted,
    AccountRestored,
    AccountUpdated,
    ContactAssigned,
    ContactCreated,
    ContactDeleted,
    ContactRestored,
    ContactUpdated,
    OrderCancelled,
    OrderConfirmed,
    OrderCreated,
    OrderDelivered,
    OrderReleased,
    OrderUpdated,
    ProductCreated,
    ProductDeleted,
    ProductRestored,
    ProductUpdated,
)
from services.service_desk.people.actions import note_person
from services.service_desk.people.model import people
from services.service_desk.records.actions import note_record
from services.service_desk.records.model import records

_ACCOUNTS = (AccountCreated, AccountUpdated, AccountAssigned, AccountDeleted, AccountRestored)
_CONTACTS = (ContactCreated, ContactUpdated, ContactAssigned, ContactDeleted, ContactRestored)
_PRODUCTS = (ProductCreated, ProductUpdated, ProductDeleted, ProductRestored)
_ORDERS = (OrderCreated, OrderUpdated, OrderConfirmed, OrderReleased, OrderDelivered, OrderCancelled)
_DELETED = frozenset({AccountDeleted.type, ContactDeleted.type, ProductDeleted.type})


def know_people(tx: Session, envelope: Envelope) -> None:
    """The service desk knows who works here, in which team, and for whom."""
    user = envelope.parse(UserUpdated).user
    note_person(tx, user, active=user.active and envelope.type != UserDeactivated.type)


def know_records(tx: Session, envelope: Envelope) -> None:
    """A case says by name whose it is, of which order and product."""
    state = envelope.data[envelope.subject.partition(":")[0]]
    note_record(tx, envelope.subject, state, deleted=envelope.type in _DELETED)


REACTIONS = (
    Reaction(
        name="service_desk.know_people",
        order="latest",
        to=(UserCreated, UserUpdated, UserDeactivated),
        react=know_people,
        projection=(people,),
    ),
    Reaction(
        name="service_desk.know_records",
        order="latest",
        to=(*_ACCOUNTS, *_CONTACTS, *_PRODUCTS, *_ORDERS),
        react=know_records,
        projection=(records,),
    ),
)
