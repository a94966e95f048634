"""Models for tests of records: accounts have leads, both have owners; labels have none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import ForeignKey, Index, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from chassis.access import Owned
from chassis.records import Record, unique_while_alive
from chassis.search import Searchable, search_index
from chassis.service import Node, Service
from tests.chassis.engines import open_node

metadata = MetaData()


class Base(DeclarativeBase):
    metadata = metadata


class Account(Owned, Base):
    __tablename__ = "accounts"
    __noun__ = "account"

    name: Mapped[str] = mapped_column(String(200))
    leads: Mapped[list["Lead"]] = relationship(back_populates="account", order_by="Lead.name")


class Lead(Searchable, Owned, Base):
    __tablename__ = "leads"
    __noun__ = "lead"
    __history__ = frozenset({"status", "owner_id", "team_id", "name", "custom", "deleted_at"})
    __searchable__ = ("name", "phone")

    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20), default="new")
    note: Mapped[str | None] = mapped_column(Text, deferred=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    account: Mapped[Account | None] = relationship(back_populates="leads")


class Label(Record, Base):
    __tablename__ = "labels"
    __noun__ = "label"

    text: Mapped[str] = mapped_column(String(200))


search_index(Lead, "name")
unique_while_alive(Lead, "phone")
Index("leads_owner", Lead.owner_id, Lead.created_at)


@dataclass(frozen=True)
class Person:
    """Who asks, in the form that access wants."""

    id: str
    team_ids: frozenset[str] = frozenset()
    depths: dict[str, str] = field(default_factory=dict)


@contextmanager
def open_shop(engine: str, folder: Path) -> Iterator[Node]:
    """A node over these models with the owner filter and the history on."""
    with open_node(engine, folder, Service(name="shop", metadata=metadata)) as node:
        yield node
