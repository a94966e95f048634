"""A stage for the service desk: its app on a database of its own, those who work with it, and what arrives there."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from chassis.access import as_system, find
from chassis.caller import Caller
from chassis.context import Context
from chassis.deliver import deliver
from chassis.event import Envelope, Event, decode, encode
from chassis.http import http_app
from chassis.ids import new_id
from chassis.outbox import outbox
from chassis.service import Node
from chassis.testing import SECRET, AppClient
from events.gateway import UserState, UserUpdated
from events.sales import AccountState, AccountUpdated, ContactState, ContactUpdated, ProductState, ProductUpdated
from gateway.identity.roles.builtin import BUILT_IN
from services.service_desk.cases.model import Case
from services.service_desk.service import SERVICE_DESK
from tests.chassis.engines import open_node

MORNING = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
RIGHTS = {role.key: role.rights for role in BUILT_IN}


def somebody(role: str, *, teams: Sequence[str] = (), user_id: str | None = None) -> Caller:
    """Somebody with this built-in role."""
    rights = RIGHTS[role]
    depths = {f"{noun}.{act}": depth for noun, acts in rights.items() for act, depth in acts.items()}
    team_ids = frozenset(teams)
    return Caller(
        kind="user",
        id=user_id or new_id(),
        roles=frozenset({role}),
        depths={name: depth for name, depth in depths.items() if depth != "none"},
        own_team_ids=team_ids,
        team_ids=team_ids,
        locale="vi",
    )


def told(event: Event, *, sequence: int = 1) -> Envelope:
    """This event on its way to the service desk."""
    envelope = Envelope(
        id=new_id(),
        source=f"relata/{event.type.partition('.')[0]}",
        type=event.type,
        subject=event.subject,
        sequence=sequence,
        time=datetime.now(UTC),
        data=event.model_dump(mode="json"),
        correlation_id=new_id(),
    )
    return decode(encode(envelope))


@dataclass
class Desk:
    """The service desk with a client; ``manager`` may do everything there, without being an administrator."""

    node: Node
    client: AppClient
    manager: Caller

    def try_(self, method: str, path: str, caller: Caller | None = None, **body: Any) -> httpx.Response:
        """The answer to one request, of the manager unless somebody else is named."""
        content = {"json": body} if body else {}
        return self.client.as_(caller or self.manager).request(method, path, **content)

    def do(self, method: str, path: str, caller: Caller | None = None, **body: Any) -> dict[str, Any]:
        """What a request answers that succeeds."""
        answer = self.try_(method, path, caller, **body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        content: dict[str, Any] = answer.json() if answer.content else {}
        return content

    def case(self, caller: Caller | None = None, **fields: Any) -> dict[str, Any]:
        """A new case."""
        return self.do("POST", "/cases", caller, **({"type": "problem", "subject": "Máy không chạy"} | fields))

    def refused(self, method: str, path: str, status: int, code: str, caller: Caller | None = None, **body: Any) -> Any:
        """A request that must be refused in this way; answers the problem."""
        answer = self.try_(method, path, caller, **body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        return answer.json()

    def hears(self, *envelopes: Envelope) -> None:
        """These events arrive."""
        deliver(self.node, list(envelopes))

    def so_far(self) -> int:
        """How far the announcements have got."""
        with self.node.read() as tx:
            return tx.scalar(select(func.max(outbox.c.position))) or 0

    def announced(self, since: int = 0) -> list[Envelope]:
        """What was emitted since then, in order."""
        with self.node.read() as tx:
            chosen = select(outbox.c.envelope).where(outbox.c.position > since).order_by(outbox.c.position)
            return [decode(body) for body in tx.scalars(chosen)]

    def types(self, since: int) -> list[str]:
        """What was emitted since then, in short: ``case.opened``."""
        return [envelope.type.removeprefix("service_desk.").removesuffix(".v1") for envelope in self.announced(since)]

    def move(self, case_id: str, **columns: Any) -> None:
        """Set columns of a case past all rules, as if time had passed."""
        with self.node.begin(Context.fresh("test")) as tx, as_system(tx, "a test moves time"):
            case = find(tx, Case, case_id)
            for name, value in columns.items():
                setattr(case, name, value)

    def hire(self, **fields: Any) -> str:
        """Somebody starts to work here; answers their id."""
        values = {"id": new_id(), "name": "Trần Văn Xuân", "email": "xuan@relata.example", "roles": ("service_agent",)}
        user = UserState.model_validate(values | fields)
        self.hears(told(UserUpdated(user=user), sequence=user.version))
        return user.id


def account(**fields: Any) -> AccountUpdated:
    """A customer of sales."""
    values = {"id": new_id(), "name": "Công ty TNHH Thép Việt Đức", **_stamped(), **fields}
    return AccountUpdated(account=AccountState.model_validate(values))


def contact(**fields: Any) -> ContactUpdated:
    """A person of sales."""
    values = {"id": new_id(), "full_name": "Nguyễn Thị Hồng Đào", **_stamped(), **fields}
    return ContactUpdated(contact=ContactState.model_validate(values))


def product(**fields: Any) -> ProductUpdated:
    """Something that sales sells."""
    price = {"amount": "1250000", "currency": "VND"}
    values = {"id": new_id(), "code": "MNK", "name": "Máy nén khí", "unit": "cái", "price": price, "tax_code": "VAT10"}
    return ProductUpdated(product=ProductState.model_validate(values | _stamped() | fields))


def _stamped() -> dict[str, Any]:
    return {"created_at": MORNING, "updated_at": MORNING, "version": 1}


def in_days(days: int) -> str:
    """This many days from now, as a day."""
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011


@contextmanager
def open_desk(engine: str, folder: Path) -> Iterator[Desk]:
    """The service desk on a fresh database."""
    with ExitStack() as stack:
        node = stack.enter_context(open_node(engine, folder, SERVICE_DESK, secret=SECRET))
        client = stack.enter_context(AppClient(http_app(node)))
        yield Desk(node, client, somebody("service_manager"))
