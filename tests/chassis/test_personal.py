"""Events say which of their fields are about a person; erasure blanks those, wherever the event is stored."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar

import orjson
import pytest
from pydantic import BaseModel, Field
from sqlalchemy import select

from chassis.clock import utcnow
from chassis.context import Context
from chassis.event import Event, OptionalPersonal, Personal, PersonalMark, decode
from chassis.ids import new_id
from chassis.inbox import State, inbox
from chassis.outbox import emit, outbox
from chassis.personal import ERASED, erase_person, mask_email, mask_phone, personal_fields, redact
from chassis.service import Node
from tests.chassis.engines import ENGINES, open_node


class Address(BaseModel):
    street: Personal
    city: str


class Person(BaseModel):
    id: str
    name: Personal
    nickname: OptionalPersonal = None
    phones: tuple[Personal, ...] = ()
    born_on: Annotated[date | None, PersonalMark()] = None
    addresses: list[Address] = []
    by_kind: dict[str, Address] = {}
    rating: str


class PersonChanged(Event):
    type: ClassVar[str] = "shop.person.changed.v1"
    person: Person
    boss: Person | None = None
    changed: dict[str, tuple[Any, Any]] = Field(default_factory=dict)

    @property
    def subject(self) -> str:
        return f"person:{self.person.id}"

    def persons(self) -> tuple[str, ...]:
        return (self.subject, *([f"person:{self.boss.id}"] if self.boss else []))


REGISTRY = {PersonChanged.type: PersonChanged}


def canary(person_id: str = "p1", **more: Any) -> PersonChanged:
    home = Address(street="CANARY street", city="Huế")
    person = Person(
        id=person_id,
        name="CANARY Đường",
        nickname="CANARY",
        phones=("CANARY1", "CANARY2"),
        born_on=date(1990, 2, 3),
        addresses=[home],
        by_kind={"home": home},
        rating="hot",
    )
    changed: dict[str, tuple[Any, Any]] = {
        "name": ("CANARY old", "CANARY Đường"),
        "phones": (["CANARY1"], []),
        "rating": ("cold", "hot"),
    }
    changed["addresses"] = ([], [home.model_dump()])  # the street in it is personal, so the whole field is
    return PersonChanged(person=person, changed=changed, **more)


def test_an_event_knows_its_personal_fields_however_deep() -> None:
    found = personal_fields(PersonChanged)
    for who in ("person", "boss"):
        assert {path for path in found if path.startswith(who)} == {
            f"{who}.name",
            f"{who}.nickname",
            f"{who}.phones",
            f"{who}.born_on",
            f"{who}.addresses.*.street",
            f"{who}.by_kind.*.street",
        }


def test_a_redacted_event_says_nothing_personal_and_can_still_be_read() -> None:
    blank = redact(canary().model_dump(mode="json"), PersonChanged)
    assert b"CANARY" not in orjson.dumps(blank)
    assert "1990" not in orjson.dumps(blank).decode()
    read = PersonChanged.model_validate(blank)
    assert (read.person.name, read.person.nickname, read.person.phones) == (ERASED, None, ())
    assert (read.person.addresses[0].city, read.person.rating) == ("Huế", "hot")
    nothing = (None, None)
    assert read.changed == {"name": nothing, "phones": nothing, "addresses": nothing, "rating": ("cold", "hot")}


def test_what_is_null_or_absent_stays_so() -> None:
    data = {"person": {"id": "p1", "name": "X", "nickname": None, "rating": "hot"}}
    assert redact(data, PersonChanged) == {"person": {"id": "p1", "name": ERASED, "nickname": None, "rating": "hot"}}
    assert data["person"]["name"] == "X", "the original is left alone"


def test_a_personal_field_that_could_not_be_blanked_is_a_bug() -> None:
    class Bad(Event):
        type: ClassVar[str] = "shop.bad.v1"
        age: Annotated[int, PersonalMark()]

    with pytest.raises(TypeError, match="age"):
        personal_fields(Bad)


class Folder(BaseModel):
    label: Personal
    inside: "list[Folder]" = Field(default_factory=list)


def test_a_type_that_contains_itself_is_a_bug() -> None:
    class Filed(Event):
        type: ClassVar[str] = "shop.filed.v1"
        folder: Folder

    with pytest.raises(TypeError, match="contains itself"):
        personal_fields(Filed)


@pytest.fixture(params=ENGINES)
def node(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Node]:
    with open_node(request.param, tmp_path) as node:
        yield node


def stored(node: Node) -> list[str]:
    with node.read() as tx:
        return [
            body
            for table in (outbox, inbox)
            for body in tx.scalars(select(table.c.envelope).where(table.c.envelope.is_not(None)))
        ]


def hear(node: Node, *events: Event) -> None:
    """Emit these, and keep them parked in the inbox as well."""
    with node.begin(Context.fresh("test")) as tx:
        for event in events:
            envelope = emit(tx, event)
            tx.execute(
                inbox.insert().values(
                    event_id=envelope.id,
                    reaction="shop.greet",
                    source=envelope.source,
                    subject=envelope.subject,
                    sequence=envelope.sequence,
                    type=envelope.type,
                    state=State.PARKED,
                    envelope=tx.scalar(select(outbox.c.envelope).where(outbox.c.id == envelope.id)),
                    received_at=utcnow(),
                )
            )


def test_an_erased_person_is_gone_from_every_stored_event_and_order_is_kept(node: Node) -> None:
    hear(node, canary("p1"), canary("p1"))
    before = [decode(body) for body in stored(node)]
    with node.begin(Context.fresh("test")) as tx:
        assert erase_person(tx, "person:p1", REGISTRY) == 4
    bodies = stored(node)
    assert not any("CANARY" in body for body in bodies)
    after = [decode(body) for body in bodies]
    assert [(e.id, e.subject, e.sequence, e.time, e.persons) for e in after] == [
        (e.id, e.subject, e.sequence, e.time, e.persons) for e in before
    ]
    with node.begin(Context.fresh("test")) as tx:
        assert erase_person(tx, "person:p1", REGISTRY) == 0, "a second time finds nothing more to do"


def test_others_are_left_alone_even_with_a_name_that_looks_alike(node: Node) -> None:
    hear(node, canary("p1"), canary("p11"), canary("p2"), canary("p_1"))
    with node.begin(Context.fresh("test")) as tx:
        assert erase_person(tx, "person:p1", REGISTRY) == 2
    assert sum("CANARY" in body for body in stored(node)) == 6


def test_an_event_that_only_mentions_the_person_is_blanked_too(node: Node) -> None:
    boss = canary("p9").person
    hear(node, canary("p1", boss=boss))
    with node.begin(Context.fresh("test")) as tx:
        assert erase_person(tx, "person:p9", REGISTRY) == 2
    assert not any("CANARY" in body for body in stored(node))


def test_an_event_of_a_type_nobody_knows_any_more_loses_all_it_says(node: Node) -> None:
    hear(node, canary(new_id()))
    (subject,) = {decode(body).subject for body in stored(node)}
    with node.begin(Context.fresh("test")) as tx:
        assert erase_person(tx, subject, {}) == 2
    assert all(decode(body).data == {} for body in stored(node))


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+84912345678", "•••••••678"), ("0912 345 678", "•••••••678"), ("113", "•••••••"), ("", "•••••••")],
)
def test_a_masked_phone_shows_its_last_digits(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [("an.nguyen@example.com", "a•••@example.com"), ("a@b.vn", "•••@b.vn"), ("nonsense", "•••"), ("", "•••")],
)
def test_a_masked_address_shows_its_first_letter_and_its_domain(address: str, shown: str) -> None:
    assert mask_email(address) == shown
