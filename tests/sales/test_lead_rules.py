"""The rules that a lead protects by itself."""

from datetime import UTC, datetime

import pytest

from chassis.errors import NotFound
from services.sales.leads.actions import assign_new
from services.sales.leads.model import (
    Lead,
    LeadAlreadyDisqualified,
    LeadAlreadyQualified,
    LeadStatus,
)
from services.sales.names import name_parts
from services.sales.people.queries import Person
from services.sales.points.model import MOST_POINTS, Point, TooManyPoints, read_emails, read_phones
from tests.sales.stage import MORNING


def new_lead(status: LeadStatus = LeadStatus.NEW) -> Lead:
    return Lead(full_name="Cô Ba", status=status, stage=status.value, phones=[], emails=[])


def phone(value: str) -> Point:
    return Point("phone", value, value)


def test_a_lead_is_contacted_once() -> None:
    lead = new_lead()
    assert lead.contact(MORNING)
    assert not lead.contact(datetime.now(UTC))
    assert (lead.status, lead.stage, lead.contacted_at) == ("working", "working", MORNING)


def test_a_disqualified_lead_is_not_contacted() -> None:
    with pytest.raises(LeadAlreadyDisqualified):
        new_lead(LeadStatus.DISQUALIFIED).contact(MORNING)


def test_a_qualified_lead_is_neither_contacted_nor_disqualified() -> None:
    with pytest.raises(LeadAlreadyQualified):
        new_lead(LeadStatus.QUALIFIED).contact(MORNING)
    with pytest.raises(LeadAlreadyQualified):
        new_lead(LeadStatus.QUALIFIED).disqualify("vì sao")


def test_the_first_reason_for_disqualifying_stays() -> None:
    lead = new_lead()
    assert lead.disqualify("không nhu cầu")
    assert not lead.disqualify("khác")
    assert lead.disqualified_reason == "không nhu cầu"


def test_the_first_phone_is_primary_until_another_is_chosen() -> None:
    lead = new_lead()
    lead.add_point(phone("+84912345678"))
    lead.add_point(phone("+84912345679"))
    assert [each["primary"] for each in lead.phones] == [True, False]
    lead.add_point(phone("+84912345679"), primary=True)
    assert [each["primary"] for each in lead.phones] == [False, True]


def test_a_phone_that_is_known_is_not_added_again() -> None:
    lead = new_lead()
    first = lead.add_point(phone("+84912345678"))
    assert lead.add_point(phone("+84912345678"))["id"] == first["id"]
    assert len(lead.phones) == 1


def test_the_next_phone_becomes_primary_when_the_primary_one_goes() -> None:
    lead = new_lead()
    first = lead.add_point(phone("+84912345678"))
    lead.add_point(phone("+84912345679"))
    lead.remove_point("phone", first["id"])
    assert [(each["value"], each["primary"]) for each in lead.phones] == [("+84912345679", True)]
    with pytest.raises(NotFound):
        lead.remove_point("phone", first["id"])


def test_replacing_phones_keeps_the_ids_of_those_that_stay() -> None:
    lead = new_lead()
    first = lead.add_point(phone("+84912345678"))
    lead.replace_points("phone", [(phone("+84912345679"), True), (phone("+84912345678"), True)])
    assert [(each["value"], each["primary"]) for each in lead.phones] == [
        ("+84912345679", True),
        ("+84912345678", False),
    ]
    assert lead.phones[1]["id"] == first["id"]


def test_a_lead_has_no_endless_list_of_phones() -> None:
    with pytest.raises(TooManyPoints):
        new_lead().replace_points("phone", [(phone(f"+8491{n:07d}"), False) for n in range(MOST_POINTS + 1)])


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        (("Nguyễn Thị Hồng Đào",), ("Nguyễn Thị Hồng Đào", "Đào", "Nguyễn Thị Hồng")),
        (("Đào",), ("Đào", "Đào", None)),
        ((None, "Ngọc Hà", "Hồ"), ("Hồ Ngọc Hà", "Ngọc Hà", "Hồ")),
        (("Hồ Ngọc Hà", "Ngọc Hà"), ("Hồ Ngọc Hà", "Ngọc Hà", "Hồ Ngọc")),
        (("Du\u031bo\u031b\u0300ng",), ("Dường", "Dường", None)),
        ((None,), ("", None, None)),
    ],
)
def test_names_are_kept_as_typed_and_split_family_name_first(said, parts) -> None:
    assert name_parts(*said) == parts


def test_a_cell_may_hold_several_addresses_or_none() -> None:
    assert [each.value for each in read_emails("An@Khach.example; binh@khach.example")] == [
        "an@khach.example",
        "binh@khach.example",
    ]
    assert read_emails("không có") == read_phones("không có") == read_emails(None) == read_phones("") == []


def test_the_same_lead_always_goes_to_the_same_salesperson() -> None:
    staff = [Person("a", None), Person("b", None)]
    assert assign_new("0192d3f0-0000-7000-8000-000000000001", staff) == assign_new(
        "0192d3f0-0000-7000-8000-000000000001", staff
    )
    assert assign_new("0192d3f0-0000-7000-8000-000000000001", []) is None
