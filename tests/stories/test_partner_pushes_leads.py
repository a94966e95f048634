"""The main job: a partner pushes leads, each gets a verdict, sellers find them, nobody sees what is not theirs."""

from uuid import uuid4

import httpx

from tests.installation import Installation, eventually
from tests.stories.stage import lead, new_partner, new_seller, verdict


def test_a_pushed_lead_becomes_a_sales_lead(relata: Installation, admin: httpx.Client) -> None:
    partner = new_partner(relata, admin, "Đối tác Bắc Ninh")
    told = verdict(partner, partner.post("/partner/leads", json=lead(phone="0912 345 678", source="hội chợ")))
    assert told["status"] == "created"
    found = admin.get(f"/leads/{told['lead_id']}").json()
    assert found["full_name"] == "Nguyễn Thị Hồng Đào"
    assert found["source"] == "hội chợ"
    listed = admin.get("/leads", params={"q": "hong dao"}).json()["items"]
    assert told["lead_id"] in [item["id"] for item in listed]


def test_a_repeated_request_makes_one_lead(relata: Installation, admin: httpx.Client) -> None:
    partner = new_partner(relata, admin, "Đối tác kiên nhẫn")
    body, key = lead(), {"Idempotency-Key": uuid4().hex}
    first = partner.post("/partner/leads", json=body, headers=key)
    again = partner.post("/partner/leads", json=body, headers=key)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = partner.post("/partner/leads", json=lead(), headers=key)
    assert other.status_code == 422


def test_the_same_person_in_another_spelling_is_no_second_lead(relata: Installation, admin: httpx.Client) -> None:
    ours, theirs = new_partner(relata, admin, "Đối tác một"), new_partner(relata, admin, "Đối tác hai")
    number = f"091{uuid4().int % 10**7:07d}"
    first = verdict(ours, ours.post("/partner/leads", json=lead(phone=number)))
    merged = verdict(ours, ours.post("/partner/leads", json=lead(phone=f"+84 {number[1:4]}.{number[4:]}")))
    duplicate = verdict(theirs, theirs.post("/partner/leads", json=lead(phone=f"0084{number[1:]}")))
    assert merged["status"] == "merged"
    assert merged["lead_id"] == first["lead_id"]
    assert duplicate["status"] == "duplicate"
    assert not duplicate.get("lead_id")


def test_a_partner_sees_only_its_own_submissions(relata: Installation, admin: httpx.Client) -> None:
    ours, theirs = new_partner(relata, admin, "Đối tác A"), new_partner(relata, admin, "Đối tác B")
    submission = ours.post("/partner/leads", json=lead()).json()["submission_id"]
    assert theirs.get(f"/partner/leads/{submission}").status_code == 404
    assert ours.get("/leads").status_code == 403
    assert ours.get("/events").status_code == 403


def test_a_batch_gets_a_verdict_for_each_row(relata: Installation, admin: httpx.Client) -> None:
    partner = new_partner(relata, admin, "Đối tác lô lớn")
    rows = [lead() for _ in range(200)]
    rows[56] = {"external_id": "57", "name": "không có cách liên hệ"}
    pushed = partner.post("/partner/leads/batch", json=rows)
    assert pushed.status_code == 202, pushed.text
    told = pushed.json()
    assert (told["accepted"], told["rejected"]) == (199, 1)
    assert told["errors"][0]["row"] == 57
    eventually(lambda: partner.get(f"/partner/batches/{told['batch_id']}").json()["counts"].get("created") == 199)


def test_two_sellers_never_see_each_others_leads(relata: Installation, admin: httpx.Client) -> None:
    seller_x, seller_y = new_seller(relata, admin, "Trần Văn X"), new_seller(relata, admin, "Lê Thị Y")
    mine = seller_x.post("/leads", json={"kind": "person", "full_name": "Khách của X", "emails": ["x@khach.example"]})
    assert mine.status_code == 201, mine.text
    path = f"/leads/{mine.json()['id']}"
    assert seller_x.get(path).status_code == 200
    for answer in (seller_y.get(path), seller_y.patch(path, json={"company": "!"}), seller_y.post(f"{path}/contact")):
        assert answer.status_code == 404
    assert seller_y.get("/leads", params={"q": "khach cua x", "count": "true"}).json()["items"] == []


def test_the_feed_tells_everything_in_order(relata: Installation, admin: httpx.Client) -> None:
    partner = new_partner(relata, admin, "Đối tác tin tức")
    told = verdict(partner, partner.post("/partner/leads", json=lead()))

    def seen() -> list[str]:
        found, cursor = [], ""
        for _ in range(100):
            page = admin.get("/events", params={"after": cursor, "limit": 200} if cursor else {"limit": 200}).json()
            found += [event["type"] for event in page["items"] if told["lead_id"] in event["subject"]]
            if not page["items"]:
                break
            cursor = page["next_cursor"]
        return found

    assert eventually(seen) == ["sales.lead.created.v1"]


def test_bad_input_gets_a_clear_answer_and_loses_nothing(relata: Installation, admin: httpx.Client) -> None:
    partner = new_partner(relata, admin, "Đối tác vội vàng")
    for body, status in (
        (b"{", 400),
        (b'{"name": "ch\xc6\xb0a c\xc3\xb3 li\xc3\xaan h\xe1\xbb\x87"}', 422),
        (b'{"phone": 912345678}', 422),
        (b'{"phone": "0912345678", "unknown": 1}', 422),
    ):
        answer = partner.post("/partner/leads", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["code"]
    assert admin.get("/leads", params={"colour": "red"}).status_code == 422
