"""What becomes of submissions: a lead, a place in one that is there, or a refusal."""

import threading
from pathlib import Path

import pytest

from chassis.access import as_system, find
from chassis.deliver import deliver
from chassis.event import decode
from chassis.service import Node
from events.channels import Submission
from services.sales.leads import actions
from services.sales.leads.model import Lead, LeadWasMerged
from services.sales.leads.queries import duplicates_of
from services.sales.points.model import read_phones
from tests.chassis.engines import ENGINES
from tests.sales.stage import (
    announced,
    arrive,
    change,
    email,
    hire,
    lead_of,
    mobile,
    open_sales,
    received,
    so_far,
    somebody_works,
    submission,
    troubles,
    updated,
    verdicts,
)

EXAMPLES = Path("events/examples")
OURS, THEIRS = "0192d3f0-0000-7000-8000-000000000001", "0192d3f0-0000-7000-8000-000000000002"
CONSENT = ({"purpose": "sales", "channel": "phone"},)


def lead_made_by(node: Node, one: Submission) -> Lead:
    return lead_of(node, verdicts(node, one)[one.id][1])


def test_the_published_example_of_a_submission_becomes_a_lead(tmp_path: Path) -> None:
    envelope = decode((EXAMPLES / "channels.submission.received.v1.json").read_text())
    with open_sales("sqlite", tmp_path) as sales:
        deliver(sales, [envelope])
        (created,) = announced(sales)
        lead = lead_of(sales, created.data["lead"]["id"])
    assert created.type == "sales.lead.created.v1"
    assert (created.causation_id, created.actor) == (envelope.id, envelope.actor)
    assert created.data["submission_id"] == envelope.data["submission"]["id"] == lead.submission_id
    assert (lead.full_name, lead.first_name, lead.last_name) == ("Nguyễn Thị Hồng Đào", "Đào", "Nguyễn Thị Hồng")
    assert (lead.company, lead.source, lead.campaign) == ("Công ty TNHH Minh Phát", "hội chợ", "Thu 2026")
    assert [each["value"] for each in lead.phones] == ["+84912345678"]
    assert (lead.needs, lead.product_interest) == (envelope.data["submission"]["note"], "máy nén khí")
    assert lead.contactable
    assert lead.custom == {"gian_hang": "B12"}
    assert lead.created_by == envelope.actor


def test_the_published_example_of_an_update_alone_becomes_a_lead_too(tmp_path: Path) -> None:
    envelope = decode((EXAMPLES / "channels.submission.updated.v1.json").read_text())
    with open_sales("sqlite", tmp_path) as sales:
        deliver(sales, [envelope])
        assert [one.type for one in announced(sales)] == ["sales.lead.created.v1"]


def test_who_can_be_reached_by_nobody_is_refused_with_a_reason(sales: Node) -> None:
    since, one = so_far(sales), submission(name="Không có số", phone="gọi sau", email="không có")
    arrive(sales, one)
    (refused,) = announced(sales, since)
    assert refused.type == "sales.intake.rejected.v1"
    assert refused.subject == f"submission:{one.id}"
    assert "phone" in refused.data["reason"]


def test_a_refused_submission_becomes_a_lead_once_it_is_corrected(sales: Node) -> None:
    one = submission(phone="chưa có")
    arrive(sales, one)
    deliver(sales, [updated(one.model_copy(update={"phone": mobile()}))])
    assert verdicts(sales, one)[one.id][0] == "created"


def test_a_lead_without_consent_is_not_contactable_until_a_repeat_brings_it(sales: Node) -> None:
    phone = mobile()
    first, repeat = submission(phone=phone), submission(1, phone=phone, consents=CONSENT)
    arrive(sales, first)
    assert not lead_made_by(sales, first).contactable
    arrive(sales, repeat)
    assert lead_made_by(sales, first).contactable


def test_the_same_partner_hears_merged_and_another_one_duplicate(sales: Node) -> None:
    phone, address = mobile(), email()
    first = submission(phone=phone, email=address, partner_id=OURS)
    again = submission(1, phone=phone, partner_id=OURS)
    other = submission(2, email=address.upper(), partner_id=THEIRS)
    arrive(sales, first, again)
    arrive(sales, other)
    told = verdicts(sales, first, again, other)
    assert [told[one.id][0] for one in (first, again, other)] == ["created", "merged", "duplicate"]
    assert len({lead_id for _, lead_id in told.values()}) == 1


def test_a_repeat_adds_what_is_missing_and_overwrites_nothing(sales: Node) -> None:
    phone, address = mobile(), email()
    first = submission(name="Lê Bảo", phone=phone, source="hội chợ", company="Hoa Sen", custom={"tỉnh": "Huế"})
    repeat = submission(
        1,
        name="Bảo Lê",
        phone=phone,
        email=address,
        source="facebook",
        company="Hoa Súng",
        title="Giám đốc",
        custom={"tỉnh": "Đà Nẵng", "quy mô": 20},
    )
    arrive(sales, first)
    arrive(sales, repeat)
    lead = lead_made_by(sales, first)
    assert (lead.full_name, lead.company, lead.source) == ("Lê Bảo", "Hoa Sen", "hội chợ")
    assert (lead.title, lead.custom) == ("Giám đốc", {"tỉnh": "Huế", "quy mô": 20})
    assert [each["value"] for each in lead.emails] == [address]
    merged = announced(sales)[-1]
    assert merged.data["changed"]["emails"] == [[], [address]]
    assert merged.data["lead"]["version"] == lead.version == 2


def test_a_field_that_a_salesperson_emptied_stays_empty(sales: Node) -> None:
    phone = mobile()
    first = submission(phone=phone, company="Không phải công ty")
    arrive(sales, first)
    change(sales, lead_made_by(sales, first).id, company=None)
    arrive(sales, submission(1, phone=phone, company="Không phải công ty", title="Giám đốc"))
    lead = lead_made_by(sales, first)
    assert (lead.company, lead.title) == (None, "Giám đốc")


def test_a_nameless_lead_gets_the_name_that_comes_later(sales: Node) -> None:
    phone = mobile()
    first = submission(phone=phone)
    arrive(sales, first)
    assert lead_made_by(sales, first).full_name == phone
    arrive(sales, submission(1, phone=phone, last_name="Hồ", first_name="Ngọc Hà"))
    lead = lead_made_by(sales, first)
    assert (lead.full_name, lead.first_name, lead.last_name) == ("Hồ Ngọc Hà", "Ngọc Hà", "Hồ")


def test_a_company_without_a_person_is_a_company(sales: Node) -> None:
    one = submission(company="Công ty TNHH Hoa Sen", email=email())
    arrive(sales, one)
    lead = lead_made_by(sales, one)
    assert (lead.kind, lead.full_name, lead.first_name) == ("company", "Công ty TNHH Hoa Sen", None)


@pytest.mark.parametrize(
    ("phone", "why"),
    [
        ("0838251234", "an old landline of Hồ Chí Minh City or a mobile of somebody else"),
        ("1900 1234", "a hotline"),
        ("0999999999", "a placeholder"),
    ],
)
def test_numbers_that_identify_nobody_never_join_leads(sales: Node, phone: str, why: str) -> None:
    first, second = submission(phone=phone), submission(1, phone=phone)
    arrive(sales, first, second)
    told = verdicts(sales, first, second)
    assert {verdict for verdict, _ in told.values()} == {"created"}, why


def test_the_same_name_alone_never_joins_leads(sales: Node) -> None:
    first = submission(name="Nguyễn Văn An", phone=mobile())
    second = submission(1, name="Nguyễn Văn An", phone=mobile())
    arrive(sales, first, second)
    assert [verdict for verdict, _ in verdicts(sales, first, second).values()] == ["created", "created"]


def test_either_of_two_numbers_in_a_cell_finds_the_lead(sales: Node) -> None:
    one, other = mobile(), mobile()
    first = submission(phone=f"{one} / {other}")
    arrive(sales, first)
    assert [each["value"] for each in lead_made_by(sales, first).phones] == [one, other]
    repeat = submission(1, phone=f"0084{other[3:]}")
    arrive(sales, repeat)
    assert verdicts(sales, repeat)[repeat.id] == ("merged", lead_made_by(sales, first).id)


def test_a_disqualified_lead_takes_nothing_in(sales: Node) -> None:
    phone = mobile()
    first, later = submission(phone=phone), submission(1, phone=phone)
    arrive(sales, first)
    with somebody_works(sales) as tx:
        actions.disqualify_lead(tx, find(tx, Lead, verdicts(sales, first)[first.id][1] or ""), reason="không nhu cầu")
    arrive(sales, later)
    told = verdicts(sales, first, later)
    assert told[later.id][0] == "created"
    assert told[later.id][1] != told[first.id][1]


def test_a_deleted_lead_takes_nothing_in(sales: Node) -> None:
    phone = mobile()
    first, later = submission(phone=phone), submission(1, phone=phone)
    arrive(sales, first)
    with somebody_works(sales) as tx:
        actions.delete_lead(tx, find(tx, Lead, verdicts(sales, first)[first.id][1] or ""))
    arrive(sales, later)
    assert verdicts(sales, later)[later.id][0] == "created"


def test_a_submission_that_fits_two_leads_goes_to_the_older_one_and_shows_the_other(sales: Node) -> None:
    phone, address = mobile(), email()
    older, younger = submission(phone=phone), submission(1, email=address)
    both = submission(2, phone=phone, email=address)
    arrive(sales, older, younger)
    arrive(sales, both)
    told = verdicts(sales, older, younger, both)
    assert told[both.id] == ("merged", told[older.id][1])
    with sales.read() as tx, as_system(tx, "test"):
        shown = duplicates_of(tx, find(tx, Lead, told[older.id][1] or ""))
        assert [lead.id for lead in shown] == [told[younger.id][1]]


def test_a_late_submission_that_was_first_takes_the_lead_over_and_the_events_say_so(sales: Node) -> None:
    phone = mobile()
    early = submission(0, phone=phone, source="hội chợ", partner_id=OURS)
    late = submission(5, phone=phone, source="facebook", partner_id=THEIRS)
    arrive(sales, late)
    since = so_far(sales)
    arrive(sales, early)
    (moved,) = announced(sales, since)
    assert moved.type == "sales.lead.reattributed.v1"
    assert (moved.data["submission_id"], moved.data["former_submission_id"]) == (early.id, late.id)
    assert moved.data["former_verdict"] == "duplicate"
    assert moved.data["changed"]["source"] == ["facebook", "hội chợ"]
    lead = lead_made_by(sales, early)
    assert (lead.partner_id, lead.submission_id, lead.first_touch_at) == (OURS, early.id, early.received_at)


def test_a_source_that_a_salesperson_corrected_outlives_an_earlier_submission(sales: Node) -> None:
    phone = mobile()
    early, late = submission(0, phone=phone, source="hội chợ"), submission(5, phone=phone, source="facebook")
    arrive(sales, late)
    change(sales, lead_made_by(sales, late).id, source="giới thiệu", full_name="Anh Ba")
    arrive(sales, early)
    lead = lead_made_by(sales, early)
    assert (lead.source, lead.full_name, lead.submission_id) == ("giới thiệu", "Anh Ba", early.id)


def test_a_lead_that_somebody_works_on_is_never_put_into_another(sales: Node) -> None:
    # The middle one arrives last and shows that the third was no first touch; but a salesperson has it already.
    phone, address = mobile(), email()
    first, middle, third = (
        submission(0, phone=phone),
        submission(1, phone=phone, email=address),
        submission(2, email=address),
    )
    arrive(sales, first, third)
    with somebody_works(sales) as tx:
        actions.contact_lead(tx, find(tx, Lead, verdicts(sales, third)[third.id][1] or ""))
    arrive(sales, middle)
    told = verdicts(sales, first, middle, third)
    assert (told[middle.id], told[third.id][0]) == (("merged", told[first.id][1]), "created")
    assert lead_of(sales, told[third.id][1]).deleted_at is None


def test_a_lead_that_went_into_another_cannot_be_restored(sales: Node) -> None:
    phone, address = mobile(), email()
    first, middle, third = (
        submission(0, phone=phone),
        submission(1, phone=phone, email=address),
        submission(2, email=address),
    )
    arrive(sales, first, third)
    gone = verdicts(sales, third)[third.id][1] or ""
    since = so_far(sales)
    arrive(sales, middle)
    assert [one.type.split(".")[2] for one in announced(sales, since)] == ["merged", "merged", "deleted"]
    assert announced(sales, since)[-1].data["merged_into"] == verdicts(sales, first)[first.id][1]
    with somebody_works(sales) as tx:
        lead = find(tx, Lead, gone, deleted=True)
        with pytest.raises(LeadWasMerged):
            actions.restore_lead(tx, lead)


def test_an_update_changes_what_the_submission_said_and_nothing_that_people_wrote(sales: Node) -> None:
    one = submission(name="Lê Bảo", phone=mobile(), company="Hoa Sen", title="Nhân viên", source="hội chợ")
    arrive(sales, one)
    change(sales, lead_made_by(sales, one).id, title="Giám đốc")
    since, number = so_far(sales), mobile()
    corrected = one.model_copy(update={"company": "Hoa Súng", "title": "Kế toán", "phone": number, "note": "gọi sáng"})
    deliver(sales, [updated(corrected)])
    lead = lead_made_by(sales, one)
    assert (lead.full_name, lead.company, lead.title, lead.needs) == ("Lê Bảo", "Hoa Súng", "Giám đốc", "gọi sáng")
    assert [(each["value"], each["primary"]) for each in lead.phones] == [(number, True), (one.phone, False)]
    (told,) = announced(sales, since)
    assert told.type == "sales.lead.updated.v1"
    assert told.data["changed"]["company"] == ["Hoa Sen", "Hoa Súng"]


def test_an_update_that_says_nothing_new_announces_nothing(sales: Node) -> None:
    one = submission(phone=mobile(), company="Hoa Sen")
    arrive(sales, one)
    since = so_far(sales)
    deliver(sales, [updated(one)])
    assert announced(sales, since) == []


def test_an_original_that_comes_after_its_update_changes_nothing(sales: Node) -> None:
    one = submission(phone=mobile(), company="Hoa Sen")
    deliver(sales, [updated(one.model_copy(update={"company": "Hoa Súng"}))])
    since = so_far(sales)
    arrive(sales, one)
    assert lead_made_by(sales, one).company == "Hoa Súng"
    assert announced(sales, since) == []


def test_an_update_of_a_repeat_does_not_overwrite_the_original(sales: Node) -> None:
    phone = mobile()
    first, repeat = submission(phone=phone, company="Hoa Sen"), submission(1, phone=phone)
    arrive(sales, first, repeat)
    deliver(sales, [updated(repeat.model_copy(update={"company": "Hoa Súng", "title": "Giám đốc"}))])
    lead = lead_made_by(sales, first)
    assert (lead.company, lead.title) == ("Hoa Sen", "Giám đốc")


def test_texts_longer_than_a_lead_keeps_are_cut_and_lose_no_lead(sales: Node) -> None:
    one = submission(
        name="dài " * 1000, phone=mobile(), company="c" * 9000, source="s" * 9000, note="n" * 99_000, title="t" * 9000
    )
    arrive(sales, one)
    assert verdicts(sales, one)[one.id][0] == "created"
    assert len(lead_made_by(sales, one).company or "") == 300


def test_a_lead_that_a_person_typed_in_keeps_its_origin_and_takes_submissions_in(sales: Node) -> None:
    phone = mobile()
    with somebody_works(sales) as tx:
        (point,) = read_phones(phone)
        typed = actions.create_lead(
            tx, facts={"full_name": "Cô Tư", "source": "giới thiệu"}, phones=[(point, True)], owner_id=None
        ).id
    one = submission(-60, name="Nguyễn Thị Tư", phone=phone, source="facebook", email=email())
    arrive(sales, one)
    lead = lead_of(sales, typed)
    assert verdicts(sales, one)[one.id] == ("merged", typed)
    assert (lead.full_name, lead.source, lead.submission_id) == ("Cô Tư", "giới thiệu", None)
    assert len(lead.emails) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_new_leads_are_shared_among_the_salespeople_who_work_here(engine: str, tmp_path: Path) -> None:
    with open_sales(engine, tmp_path) as sales:
        arrive(sales, orphan := submission(phone=mobile()))
        assert lead_made_by(sales, orphan).owner_id is None

        team = "0192d3f0-0000-7000-8000-00000000000f"
        staff = [hire(sales, team_ids=(team,)) for _ in range(3)]
        hire(sales, roles=("director",))
        leaver = hire(sales)
        hire(sales, id=leaver, active=False, version=2)

        pushed = [submission(phone=mobile()) for _ in range(90)]
        arrive(sales, *pushed)
        leads = [lead_made_by(sales, one) for one in pushed]
        shares = [sum(lead.owner_id == person for lead in leads) for person in staff]
        assert sum(shares) == 90
        assert min(shares) > 10
        assert {lead.team_id for lead in leads} == {team}


@pytest.mark.parametrize("engine", ENGINES)
def test_workers_side_by_side_make_one_lead_for_each_person(engine: str, tmp_path: Path) -> None:
    people = [(mobile(), email()) for _ in range(30)]
    pushed = [submission(n, phone=phone, email=address) for n in range(4) for phone, address in people]
    links = [submission(9, phone=people[n][0], email=people[n + 1][1]) for n in range(0, 30, 2)]
    with open_sales(engine, tmp_path) as sales:
        start = threading.Barrier(4)

        def work(mine: list[Submission]) -> None:
            start.wait()
            for n in range(0, len(mine), 7):
                deliver(sales, [received(one) for one in mine[n : n + 7]])

        # Everybody has something of everybody, in different orders: their locks cross.
        everything = pushed + links
        workers = [
            threading.Thread(target=work, args=(sorted(everything[n::4], key=lambda s: s.id[-n - 1]),))
            for n in range(4)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert troubles(sales) == []
        told = verdicts(sales, *everything)
    created = {key for key, (verdict, _) in told.items() if verdict == "created"}
    assert created == {one.id for one in pushed[:30]}
