"""A shop with every kind of route, for the tests of the HTTP face."""

import threading
from collections.abc import AsyncIterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Form, UploadFile
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field, field_validator
from sqlalchemy import CheckConstraint, Index, Integer, Numeric, String, Uuid, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.caller import Caller, requires, requires_role
from chassis.clock import UtcDateTime, utcnow
from chassis.context import Context
from chassis.database import chassis_metadata
from chassis.errors import Conflict, NotFound, NotSignedIn
from chassis.event import Event
from chassis.filters import Filter, Special
from chassis.http import MIB, Body, Face, IfMatch, RawBody, Refused, Reply, Router, View, http_app
from chassis.i18n import Catalogue, Language, say
from chassis.ids import new_id
from chassis.outbox import emit
from chassis.paging import Listing, ListRequest, Page
from chassis.service import Node, Service
from chassis.testing import AppClient
from tests.chassis.engines import open_node

SECRET = "a secret for tests only"
CLERK = Caller("user", "01900000-0000-7000-8000-0000000000c1", name="Clerk", roles=frozenset({"clerk"}))
PARTNER = Caller("key", "k1", partner_id="p1", scopes=frozenset({"items:push"}))
ANYBODY = Caller("public", "form")


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("stock >= 0"),
        Index("items_created_at_id", "created_at", "id"),
        Index("items_due_at_id", "due_at", "id"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(50))
    status: Mapped[str] = mapped_column(String(10), index=True)
    stock: Mapped[int] = mapped_column(Integer)
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str | None] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer)


class ItemMade(Event):
    type = "shop.item.made.v1"
    id: str

    @property
    def subject(self) -> str:
        return f"item:{self.id}"


class NewItem(Body):
    code: Annotated[str, Field(min_length=1, max_length=40)]  # the column holds fewer on purpose
    name: str = "thing"
    stock: int = 0
    price: Decimal = Decimal(0)
    tags: list[str] = Field(default_factory=list)
    more: dict[str, object] = Field(default_factory=dict)
    due_at: datetime | None = None

    @field_validator("name")
    @classmethod
    def _no_shouting(cls, name: str) -> str:
        if name.isupper():
            raise ValueError(say("Do not shout."))
        return name


class ItemPatch(Body):
    name: str


class ItemView(View):
    id: UUID
    code: str
    name: str
    status: str
    stock: int
    price: Decimal
    due_at: datetime | None
    created_at: datetime
    created_by: str | None
    version: int


class KeyView(View):
    id: UUID
    secret: str | None = None


class NoStock(Conflict):
    code = "no_stock"


ITEMS = Listing(
    model=Item,
    sorts=("created_at", "due_at"),
    default_sort="-created_at",
    filters={
        "status": Filter(Item.status, Literal["new", "sold"]),
        "code": Filter(Item.code),
        "stock": Filter(Item.stock),
        "price": Filter(Item.price),
        "due_at": Filter(Item.due_at),
        "id": Filter(Item.id),
        "maker": Special(lambda value, caller: Item.created_by == (caller.actor if value == "me" else value)),
    },
    search=lambda q: Item.name.ilike(f"%{q}%"),
)

router = Router(tags=["items"])
gate = threading.Event()
flaky = {"failures": 0, "runs": 0}


@router.post("/items", status_code=201)
def make_item(tx: Session, context: Context, body: NewItem) -> ItemView:
    """Make an item."""
    item = Item(
        id=new_id(),
        code=body.code,
        name=body.name,
        status="new",
        stock=body.stock,
        price=body.price,
        due_at=body.due_at,
        created_at=utcnow(),
        created_by=context.actor,
        version=1,
    )
    tx.add(item)
    tx.flush()
    tx.refresh(item)
    emit(tx, ItemMade(id=item.id))
    return ItemView.model_validate(item)


@router.get("/items/{item_id}")
def get_item(tx: Session, item_id: UUID) -> ItemView:
    return ItemView.model_validate(_find(tx, item_id))


@router.get("/items", listing=ITEMS)
def list_items(tx: Session, asked: ListRequest) -> Page[ItemView]:
    return ITEMS.page(tx, asked, ItemView.model_validate)


@router.get("/items/cheapest")
def cheapest(tx: Session) -> ItemView | None:
    item = tx.scalars(select(Item).order_by(Item.price).limit(1)).first()
    return ItemView.model_validate(item) if item else None


@router.patch("/items/{item_id}")
def change_item(tx: Session, item_id: UUID, body: ItemPatch, if_match: IfMatch) -> ItemView:
    item = _find(tx, item_id)
    if_match.check(item.version, lambda: ItemView.model_validate(item))
    item.name, item.version = body.name, item.version + 1
    return ItemView.model_validate(item)


@router.delete("/items/{item_id}")
def drop_item(tx: Session, item_id: UUID) -> None:
    tx.delete(_find(tx, item_id))


@router.post("/items/{item_id}/sell")
def sell(tx: Session, item_id: UUID) -> ItemView:
    item = _find(tx, item_id)
    item.name = "half done"
    tx.flush()
    if item.stock == 0:
        raise NoStock(say("Nothing of it is left."))
    item.stock, item.status = item.stock - 1, "sold"
    return ItemView.model_validate(item)


@router.post("/keys", status_code=201, secret=["secret"])
def make_key() -> KeyView:
    return KeyView(id=UUID(new_id()), secret=new_id())


@router.post("/token", idempotent=False, public=True)
def token() -> dict[str, str]:
    return {"access_token": new_id()}


@router.post("/push", allow=requires("items:push"), status_code=202)
def push(caller: Caller, body: NewItem) -> Reply[dict[str, str]]:
    return Reply({"by": caller.actor, "code": body.code}, headers={"X-Pushed": "yes"})


@router.post("/close", allow=requires_role("director"))
def close_shop() -> None: ...


@router.post("/login", public=True)
def log_in(tx: Session) -> Refused:
    tx.add(Item(id=new_id(), code="failed", name="x", status="new", stock=0, price=0, created_at=utcnow(), version=1))
    return Refused(NotSignedIn("wrong password"))


@router.post("/many", array_limit=2_000, body_limit=3 * MIB)
def many(body: list[int]) -> dict[str, int]:
    return {"sum": sum(body)}


@router.post("/raw")
def raw(body: RawBody, request: Request) -> dict[str, str | int]:
    return {"bytes": len(body), "kind": request.headers.get("content-type", "")}


@router.post("/wait")
def wait() -> dict[str, bool]:
    return {"in_time": gate.wait(20)}


@router.post("/flaky")
def conflicting(tx: Session, body: NewItem) -> dict[str, int]:
    """Conflicts with another transaction as often as ``flaky`` says, after it has written."""
    flaky["runs"] += 1
    make_item(tx, tx.info["context"], body)
    if flaky["failures"] > 0:
        flaky["failures"] -= 1
        if tx.get_bind().dialect.name == "postgresql":
            tx.execute(text("DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$"))
        raise OperationalError("UPDATE …", {}, Exception("database is locked"))
    return {"runs": flaky["runs"]}


@router.post("/count", writes=False)
def how_many(tx: Session) -> dict[str, int]:
    return {"items": len(tx.scalars(select(Item)).all())}


@router.post("/bug")
def bug() -> None:
    raise KeyError("a secret detail: an@example.com")


@router.get("/pdf")
def pdf() -> Response:
    return Response(b"%PDF", media_type="application/pdf")


@router.get("/stream")
async def stream(caller: Caller, face: Face) -> Response:
    count = await face.read(lambda tx: len(tx.scalars(select(Item)).all()))

    async def lines() -> AsyncIterator[str]:
        yield f"{caller.actor} sees {count}\n"
        yield "end\n"

    return StreamingResponse(lines(), media_type="text/plain")


@router.get("/breaks")
async def breaks() -> Response:
    async def lines() -> AsyncIterator[str]:
        yield "begun"
        raise RuntimeError("half way")

    return StreamingResponse(lines(), media_type="text/plain")


@router.get("/events", response_class=EventSourceResponse)
async def events(caller: Caller) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(event="hello", id="1", raw_data=caller.actor)


@router.get("/greeting", public=True)
def greeting(language: Language, catalogue: Catalogue) -> dict[str, str]:
    return {"language": language, "text": catalogue.text(say("Sign in first."), language)}


@router.post("/upload", body_limit=2 * MIB)
def upload(note: Annotated[str, Form()], file: UploadFile) -> dict[str, str | int]:
    return {"note": note, "name": file.filename or "", "bytes": len(file.file.read())}


def _find(tx: Session, item_id: UUID) -> Item:
    item = tx.get(Item, str(item_id))
    if item is None:
        raise NotFound
    return item


SHOP = Service(name="shop", metadata=Base.metadata, routers=(router,), emits=(ItemMade,))


@contextmanager
def open_shop(engine, folder, caller=CLERK, **settings):
    """A client of a shop on a database of its own, and the shop's node."""
    with (
        open_node(engine, folder, SHOP, secret=SECRET, **settings) as node,
        AppClient(http_app(node), as_=caller) as client,
    ):
        yield client, node


def empty(node: Node) -> None:
    """Forget every row: cheaper than a database for each test."""
    with node.db.begin() as tx:
        for table in (*Base.metadata.sorted_tables, *chassis_metadata.sorted_tables):
            tx.execute(table.delete())
    node.after_emit.clear()


def count(node: Node, model: type[Base] = Item) -> int:
    """How many rows are committed."""
    with node.read() as tx:
        return len(tx.scalars(select(model)).all())
