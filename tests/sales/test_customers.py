"""Accounts and contacts as those who buy: who a document is for, and how far they are as customers."""

import pytest

from chassis.access import acting
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.service import Node
from services.sales.accounts.model import Account
from services.sales.contacts.model import Contact
from services.sales.customers.queries import buyer_of
from services.sales.points.model import Point
from tests.sales.stage import seller, somebody_works


def test_a_buyer_is_the_customer_as_it_is_now(sales: Node) -> None:
    owner = new_id()
    with somebody_works(sales) as tx:
        account = Account(name="Công ty TNHH Hoa Sen", tax_code="0100109106", owner_id=owner, phones=[], emails=[])
        account.addresses = []
        account.add_address({"line": "12 Lê Lợi", "ward": "Phường Sài Gòn", "province": "Thành phố Hồ Chí Minh"})
        account.add_point(Point("email", "ketoan@hoasen.example", "ketoan@hoasen.example"))
        contact = Contact(full_name="Nguyễn Thị Đào", owner_id=owner, phones=[], emails=[], addresses=[])
        contact.add_point(Point("phone", "+84912345678", "0912345678"))
        tx.add_all([account, contact])
        tx.flush()
        ids = (account.id, contact.id)
    with sales.read() as tx:
        acting(tx, seller(owner), "own")
        of_account = buyer_of(tx, account_id=ids[0], contact_id=None)
        assert (of_account.name, of_account.tax_code) == ("Công ty TNHH Hoa Sen", "0100109106")
        assert of_account.email == "ketoan@hoasen.example"
        assert of_account.address is not None
        assert of_account.address.ward == "Phường Sài Gòn"
        of_contact = buyer_of(tx, account_id=None, contact_id=ids[1])
        assert (of_contact.name, of_contact.tax_code, of_contact.phone) == ("Nguyễn Thị Đào", None, "+84912345678")
        assert of_contact.reference == f"contact:{ids[1]}"
        both = buyer_of(tx, account_id=ids[0], contact_id=ids[1])
        assert (both.name, both.phone, both.email) == (of_account.name, "+84912345678", "ketoan@hoasen.example")
        for nobody in ({"account_id": new_id(), "contact_id": None}, {"account_id": None, "contact_id": None}):
            with pytest.raises(NotFound):
                buyer_of(tx, **nobody)
    with sales.read() as tx:
        acting(tx, seller(), "own")
        with pytest.raises(NotFound):
            buyer_of(tx, account_id=ids[0], contact_id=None)
