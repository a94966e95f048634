"""The same submissions make the same leads in whatever order, batches and numbers they are worked on."""

import random
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from chassis.access import as_system
from chassis.deliver import deliver
from chassis.service import Node
from events.channels import Submission
from services.sales.leads.model import Lead, lead_submissions
from tests.sales.stage import email, mobile, received, so_far, submission, troubles, verdicts

SOURCES = ("hội chợ", "facebook", "giới thiệu")

# An original and one repeat: what each says, and in how many minutes of distance.
said = st.fixed_dictionaries(
    {
        "name": st.sampled_from([None, "Nguyễn Thị Ánh", "Lê Văn Bảo"]),
        "company": st.sampled_from([None, "Công ty TNHH Hoa Sen"]),
        "title": st.sampled_from([None, "Giám đốc"]),
        "note": st.sampled_from([None, "cần báo giá"]),
        "source": st.sampled_from([None, *SOURCES]),
        "partner_id": st.sampled_from(
            [None, "0192d3f0-0000-7000-8000-000000000001", "0192d3f0-0000-7000-8000-000000000002"]
        ),
        "custom": st.sampled_from([{}, {"ngân sách": 5}, {"ngân sách": 7, "tỉnh": "Huế"}]),
        "consents": st.sampled_from([(), ({"purpose": "sales", "channel": "phone"},)]),
    }
)
pair = st.tuples(said, said, st.sampled_from(["phone", "email", "both"]), st.integers(0, 60))


def make_pair(first: dict[str, Any], second: dict[str, Any], shared: str, minutes: int) -> list[Submission]:
    phone, address = mobile(), email()
    later_phone = phone if shared != "email" else mobile()
    later_address = address if shared != "phone" else email()
    return [
        submission(0, **first, phone=phone, email=address),
        submission(minutes, **second, phone=f"0{later_phone[3:6]} {later_phone[6:]}", email=later_address.upper()),
    ]


def work_on(node: Node, submissions: list[Submission], dice: random.Random) -> None:
    """All of them, in an order and in batches by chance, some of them twice."""
    mixed = [received(one) for one in submissions]
    mixed += dice.sample(mixed, len(mixed) // 3)
    dice.shuffle(mixed)
    while mixed:
        size = dice.randint(1, len(mixed))
        deliver(node, mixed[:size])
        mixed = mixed[size:]
    assert troubles(node) == []


def outcome(node: Node, submissions: list[Submission], since: int) -> Any:
    """What anybody can see of these people afterwards, but for ids, owners and times of our own."""
    labels: dict[str | None, str] = {}
    for number, one in enumerate(submissions):
        labels |= {one.id: f"submission {number}"}
        labels.setdefault(one.phone, f"phone {number}")
        labels.setdefault(one.email, f"email {number}")
    with node.read() as tx, as_system(tx, "test"):
        chosen = select(lead_submissions).where(lead_submissions.c.submission_id.in_([one.id for one in submissions]))
        became = {row.submission_id: (row.lead_id, row.verdict) for row in tx.execute(chosen)}
        leads = tx.scalars(select(Lead).where(Lead.id.in_([lead_id for lead_id, _ in became.values()]))).all()
        shown = sorted((seen(lead, labels) for lead in leads), key=str)
    assert verdicts(node, *submissions, since=since) == {
        key: (verdict, lead_id) for key, (lead_id, verdict) in became.items()
    }
    return shown, sorted((labels[key], verdict) for key, (_, verdict) in became.items())


def seen(lead: Lead, labels: dict[str | None, str]) -> dict[str, Any]:
    points = {
        name: [(labels[each["original"]], each["primary"]) for each in getattr(lead, name)]
        for name in ("phones", "emails")
    }
    names = ("first_name", "last_name", "kind", "company", "title", "needs", "source", "campaign")
    facts = {name: getattr(lead, name) for name in (*names, "contactable", "custom", "partner_id", "first_touch_at")}
    name = labels.get(lead.full_name, lead.full_name)
    return {**points, **facts, "full_name": name, "submission": labels[lead.submission_id]}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=st.lists(pair, min_size=1, max_size=3), dice=st.randoms(use_true_random=False))
def test_an_original_and_its_repeat_make_the_same_lead_in_either_order(
    sales: Node, pairs: Any, dice: random.Random
) -> None:
    since = so_far(sales)
    in_order = [one for each in pairs for one in make_pair(*each)]
    mixed = [one for each in pairs for one in make_pair(*each)]
    for one in sorted(in_order, key=lambda one: (one.received_at, one.id)):
        deliver(sales, [received(one)])
    work_on(sales, mixed, dice)
    assert outcome(sales, in_order, since) == outcome(sales, mixed, since)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contacts=st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from(SOURCES), st.integers(0, 3)),
        min_size=2,
        max_size=9,
    ),
    dice=st.randoms(use_true_random=False),
)
def test_who_was_first_does_not_depend_on_who_was_worked_on_first(
    sales: Node, contacts: list[tuple[int, int, str, int]], dice: random.Random
) -> None:
    since = so_far(sales)
    # Long chains: one shares a phone with the next, which shares an address with a third. 0 is none.
    phones, emails = [None, *(mobile() for _ in range(4))], [None, *(email() for _ in range(4))]
    submissions = [
        submission(
            minute, phone=phones[phone] or (mobile() if not address else None), email=emails[address], source=source
        )
        for phone, address, source, minute in contacts
    ]
    work_on(sales, submissions, dice)

    first: list[Submission] = []
    known: set[str | None] = set()
    for one in sorted(submissions, key=lambda one: (one.received_at, one.id)):
        if not known & ({one.phone, one.email} - {None}):
            first.append(one)
        known |= {one.phone, one.email}
    told = verdicts(sales, *submissions, since=since)
    assert {key for key, (verdict, _) in told.items() if verdict == "created"} == {one.id for one in first}
    with sales.read() as tx, as_system(tx, "test"):
        ours = Lead.submission_id.in_([one.id for one in submissions])
        sources = {row.id: row.source for row in tx.execute(select(Lead.id, Lead.source).where(ours))}
    assert Counter(sources.values()) == Counter(one.source for one in first)
    assert {lead_id for _, lead_id in told.values()} == sources.keys()
