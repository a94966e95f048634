"""Sales knows who works here from what the gateway announces."""

from pathlib import Path

from chassis.deliver import deliver
from chassis.event import decode
from chassis.service import Node
from services.sales.people.queries import get_person, salespeople
from tests.sales.stage import hire

EXAMPLES = Path("events/examples")


def test_the_published_examples_of_users_are_understood(sales: Node) -> None:
    for name in ("created", "updated", "deactivated"):
        envelope = decode((EXAMPLES / f"gateway.user.{name}.v1.json").read_text())
        deliver(sales, [envelope])
        with sales.read() as tx:
            assert get_person(tx, envelope.data["user"]["id"]) is not None


def test_a_late_announcement_does_not_bring_a_leaver_back(sales: Node) -> None:
    person = hire(sales, version=1)
    hire(sales, id=person, version=3, active=False)
    hire(sales, id=person, version=2)
    with sales.read() as tx:
        known = get_person(tx, person)
        assert known is not None and not known.active
        assert person not in [each.id for each in salespeople(tx)]


def test_only_salespeople_get_new_leads(sales: Node) -> None:
    manager = hire(sales, roles=("sales_manager",))
    with sales.read() as tx:
        assert manager not in [each.id for each in salespeople(tx)]
        assert get_person(tx, manager) is not None
