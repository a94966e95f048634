"""A partner pushes leads by the thousand."""

import orjson
import pytest

from chassis.ids import new_id
from tests.channels.stage import ADMINISTRATOR, Channels, lead, partner

NDJSON = {"Content-Type": "application/x-ndjson"}


def lines(*rows: object) -> bytes:
    return b"\n".join(row if isinstance(row, bytes) else orjson.dumps(row) for row in rows)


def test_good_rows_go_in_although_another_is_bad(channels: Channels) -> None:
    pushing, rows = partner(), [lead() for _ in range(100)]
    client = channels.as_(pushing)
    rows[56] = lead(phone=None)
    rows[77] = lead(phne="0912345678", consents=[{"purpose": ""}])
    told = client.post("/partner/leads/batch", json=rows)
    assert told.status_code == 202, told.text
    answer = told.json()
    assert (answer["accepted"], answer["rejected"], answer["errors_total"]) == (98, 2, 4)
    assert [(error["row"], error["pointer"]) for error in answer["errors"]] == [
        (57, ""),
        (78, "/consents/0/purpose"),
        (78, "/consents/0/channel"),
        (78, "/phne"),
    ]
    events = channels.announced(str(pushing.partner_id))
    assert [event.data["submission"]["external_id"] for event in events] == [
        row["external_id"] for number, row in enumerate(rows) if number not in (56, 77)
    ]


def test_an_earlier_row_was_received_earlier(channels: Channels) -> None:
    client = channels.as_(partner())
    batch = client.post("/partner/leads/batch", json=[lead() for _ in range(50)]).json()
    rows = client.get(batch["status_url"]).json()["items"]
    times = [row["received_at"] for row in rows]
    assert times == sorted(set(times))


def test_a_batch_may_come_as_a_json_object_a_line(channels: Channels) -> None:
    client = channels.as_(partner(), **NDJSON)
    body = lines(lead(), b"", b"  ", b'{"phone": ', lead(), b'{"phone": "1", "name": "\\ud800"}', b"[1]", b'"x"')
    answer = client.post("/partner/leads/batch", content=b"\xef\xbb\xbf" + body + b"\r\n").json()
    assert (answer["accepted"], answer["rejected"]) == (2, 4)
    assert [error["row"] for error in answer["errors"]] == [4, 6, 7, 8]


def test_each_row_is_kept_as_it_was_written(channels: Channels) -> None:
    pushing = partner()
    body = b'[ {"phone" :"0912345678", "custom":{"n":1.50}}  ,\n{"phone":"0912345679","name":"\\u0110\\u1eb7ng"} ]'
    headers = {"Content-Type": "application/json"}
    batch = channels.as_(pushing).post("/partner/leads/batch", content=body, headers=headers).json()
    rows = channels.as_(pushing).get(batch["status_url"]).json()["items"]
    reading = channels.as_(ADMINISTRATOR)
    shown = [reading.get(f"/submissions/{row['submission_id']}").json() for row in rows]
    assert [submission["raw"]["body"] for submission in shown] == [
        '{"phone" :"0912345678", "custom":{"n":1.50}}',
        '{"phone":"0912345679","name":"\\u0110\\u1eb7ng"}',
    ]


def test_rows_that_share_an_external_id_are_one_submission_that_says_what_the_last_says(channels: Channels) -> None:
    client, external_id = channels.as_(partner()), new_id()
    rows = [lead(external_id=external_id, name=name) for name in ("Một", "Hai", "Ba")]
    batch = client.post("/partner/leads/batch", json=[rows[0], lead(), *rows[1:]]).json()
    assert batch["accepted"] == 4
    items = client.get(batch["status_url"]).json()["items"]
    assert [row["row"] for row in items] == [1, 2, 3, 4]
    assert items[0]["submission_id"] == items[2]["submission_id"] == items[3]["submission_id"]
    (event,) = channels.announced(items[0]["submission_id"])
    assert event.data["submission"]["name"] == "Ba"
    assert event.data["submission"]["received_at"] == items[0]["received_at"]


def test_a_batch_pushed_again_updates_what_changed_and_is_silent_about_the_rest(channels: Channels) -> None:
    client, rows = channels.as_(partner()), [lead() for _ in range(1200)]
    first = client.post("/partner/leads/batch", json=rows).json()
    rows[1100]["name"] = "Tên mới"
    second = client.post("/partner/leads/batch", json=[*rows[::-1], lead()]).json()
    assert second["accepted"] == 1201
    before = {row["external_id"]: row["submission_id"] for row in all_rows(client, first)}
    after = {row["external_id"]: row["submission_id"] for row in all_rows(client, second)}
    assert len(before) == 1200
    assert before.items() <= after.items()
    changed = channels.announced(before[rows[1100]["external_id"]])
    assert [event.type for event in changed] == ["channels.submission.received.v1", "channels.submission.updated.v1"]
    assert changed[1].data["changed"] == {"name": ["Đặng Thị Ánh", "Tên mới"]}
    assert len(channels.announced(before[rows[3]["external_id"]])) == 1


def all_rows(client, batch):
    items, cursor = [], ""
    while True:
        page = client.get(f"{batch['status_url']}?limit=200{cursor}").json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = f"&cursor={page['next_cursor']}"


def test_the_state_of_a_batch_is_counted_and_its_rows_are_paged(channels: Channels) -> None:
    client = channels.as_(partner())
    batch = client.post("/partner/leads/batch", json=[lead() for _ in range(7)]).json()
    first = client.get(f"{batch['status_url']}?limit=5").json()
    assert first["counts"] == {"received": 7, "created": 0, "merged": 0, "duplicate": 0, "rejected": 0}
    assert [row["row"] for row in first["items"]] == [1, 2, 3, 4, 5]
    second = client.get(f"{batch['status_url']}?limit=5&cursor={first['next_cursor']}").json()
    assert [row["row"] for row in second["items"]] == [6, 7]
    assert second["next_cursor"] is None
    assert client.get(f"{batch['status_url']}?status=created").json()["items"] == []


def test_a_batch_of_somebody_else_looks_absent(channels: Channels) -> None:
    batch = channels.as_(partner()).post("/partner/leads/batch", json=[lead()]).json()
    assert channels.as_(partner()).get(batch["status_url"]).status_code == 404


def test_a_repeated_batch_has_one_effect_and_one_answer(channels: Channels) -> None:
    client = channels.as_(partner(), **{"Idempotency-Key": new_id()})
    rows = [lead(external_id=None) for _ in range(20)]
    first, again = (client.post("/partner/leads/batch", json=rows) for _ in range(2))
    assert again.content == first.content
    assert len(client.get("/partner/leads?limit=200").json()["items"]) == 20


def test_ten_thousand_rows_are_taken_and_one_more_is_too_many(channels: Channels) -> None:
    client = channels.as_(partner())
    rows = [lead(external_id=str(number)) for number in range(10_000)]
    assert client.post("/partner/leads/batch", json=rows).json()["accepted"] == 10_000
    assert client.get("/partner/leads?count=true&limit=1").json()["total"] == 10_000
    rows.append(lead())
    assert client.post("/partner/leads/batch", json=rows).status_code == 413
    answer = client.post("/partner/leads/batch", content=lines(*rows), headers=NDJSON)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_ten_thousand_bad_rows_are_counted_and_the_first_thousand_errors_told(channels: Channels) -> None:
    answer = channels.as_(partner()).post("/partner/leads/batch", json=[{"x": 1, "y": 2}] * 10_000).json()
    assert (answer["accepted"], answer["rejected"], answer["errors_total"]) == (0, 10_000, 20_000)
    assert len(answer["errors"]) == 1_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b"[{}", 400),
        (b"[{},]", 400),
        (b"[{}]]", 400),
        (b"[{} {}]", 400),
        (b"nul", 400),
        (b"\xff[]", 400),
        (b"[" * 1_000_000, 400),
        (b'[{"phone":"1"},' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"]", 400),
        (b" " * (20 * 1024 * 1024) + b"[]", 413),
    ],
)
def test_what_is_no_array_of_leads_is_refused_whole(channels: Channels, body: bytes, status: int) -> None:
    client = channels.as_(partner())
    answer = client.post("/partner/leads/batch", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text[:300]
    assert client.get("/partner/leads").json()["items"] == []


@pytest.mark.parametrize(
    "row",
    [
        b'{"phone": "1", "name": "a\\u0000"}',
        b'{"phone": "1", "name": "\\udfff"}',
        b'{"phone": "1", "custom": {"n": ' + b"9" * 30 + b"}}",
        b'{"phone": "1", "custom": {"n": ' + b"9" * 6_000 + b"}}",
        b'{"phone": "1", "custom": {"n": NaN}}',
        b'{"phone": "1", "custom": ' + b'{"a":' * 40 + b"1" + b"}" * 41,
        b'{"phone": "1", "note": "' + b"x" * 200_000 + b'"}',
        b"[]",
        b"null",
        b"12",
        b'{"phone": 12}',
        b'{"phone": "1"' + b"".join(b', "x%d": 1' % number for number in range(9_000)) + b"}",
    ],
)
def test_a_nasty_row_spoils_no_other(channels: Channels, row: bytes) -> None:
    client = channels.as_(partner())
    body = b"[" + b",".join([orjson.dumps(lead()), row, orjson.dumps(lead())]) + b"]"
    answer = client.post("/partner/leads/batch", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 202, answer.text[:300]
    told = answer.json()
    assert (told["accepted"], told["rejected"]) == (2, 1)
    assert {error["row"] for error in told["errors"]} == {2}


def test_rows_are_complained_about_in_the_readers_language(channels: Channels) -> None:
    client = channels.as_(partner(), **{"Accept-Language": "vi"})
    answer = client.post("/partner/leads/batch", json=[{"name": "A"}, {"phone": "1", "nmae": "A"}]).json()
    assert [error["message"] for error in answer["errors"]] == [
        "Cần ít nhất email hoặc số điện thoại.",
        "Trường không được hỗ trợ",
    ]


def test_a_batch_of_another_kind_is_refused(channels: Channels) -> None:
    client = channels.as_(partner(), **{"Content-Type": "text/csv"})
    assert client.post("/partner/leads/batch", content=b"phone\n0912345678").status_code == 415
