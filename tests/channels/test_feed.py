"""The feed: everything that happened, once, in an order that never changes afterwards."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from chassis.caller import Caller
from chassis.context import Context
from chassis.deliver import deliver
from chassis.event import Envelope
from chassis.http import Face, http_app
from chassis.ids import new_id
from events.gateway import UserCreated, UserState
from events.sales import IntakeRejected, LeadContacted, LeadCreated
from services.channels.feed import following
from services.channels.feed.actions import KEPT
from services.channels.feed.queries import read_feed
from services.channels.feed.schemas import read_wanted
from services.channels.jobs import forget_old_events
from tests.channels.stage import (
    ADMINISTRATOR,
    FOLLOWER,
    OPERATOR,
    SALESPERSON,
    Channels,
    lead_state,
    partner,
    told,
    visitor,
)


def rejected(**how: Any) -> Envelope:
    return told(IntakeRejected(submission_id=new_id(), reason="unreachable"), **how)


def end(channels: Channels) -> str:
    """A cursor behind everything that is there now."""
    cursor = "0"
    while True:
        page = channels.as_(FOLLOWER).get(f"/events?after={cursor}&limit=1000").json()
        if not page["items"]:
            return str(page["next_cursor"])
        cursor = page["next_cursor"]


def test_an_event_of_any_type_is_in_the_feed_as_it_was_sent(channels: Channels) -> None:
    start = end(channels)
    user = UserState(id=new_id(), name="Vũ Thị Mơ", email="mo@example.com")
    events = [rejected(), told(UserCreated(user=user), source="relata/gateway")]
    deliver(channels.node, events)
    page = channels.as_(FOLLOWER).get(f"/events?after={start}").json()
    assert page["items"] == [orjson.loads(event.body) for event in events]


def test_an_event_that_comes_twice_is_there_once(channels: Channels) -> None:
    start, event = end(channels), rejected()
    for _ in range(3):
        deliver(channels.node, [event, event])
    assert len(channels.as_(FOLLOWER).get(f"/events?after={start}").json()["items"]) == 1


def test_a_page_goes_on_where_the_last_one_ended(channels: Channels) -> None:
    start, events = end(channels), [rejected() for _ in range(5)]
    deliver(channels.node, events)
    client = channels.as_(FOLLOWER)
    first = client.get(f"/events?after={start}&limit=3").json()
    second = client.get(f"/events?after={first['next_cursor']}&limit=3").json()
    assert [item["id"] for item in first["items"] + second["items"]] == [event.id for event in events]
    empty = client.get(f"/events?after={second['next_cursor']}&limit=3").json()
    assert empty == {"items": [], "next_cursor": second["next_cursor"]}


def test_the_feed_can_be_narrowed_to_types_and_to_a_subject(channels: Channels) -> None:
    start, lead_id = end(channels), new_id()
    created = told(LeadCreated(lead=lead_state(lead_id)))
    contacted = told(LeadContacted(lead=lead_state(lead_id)), sequence=2)
    user = told(UserCreated(user=UserState(id=new_id(), name="A", email="a@example.com")), source="relata/gateway")
    refused = rejected()
    deliver(channels.node, [created, contacted, user, refused])
    client = channels.as_(FOLLOWER)

    def found(query: str) -> list[str]:
        return [item["id"] for item in client.get(f"/events?after={start}&{query}").json()["items"]]

    assert found("types=sales.*") == [created.id, contacted.id, refused.id]
    assert found("types=sales.lead.*,gateway.*") == [created.id, contacted.id, user.id]
    assert found("types=sales.lead.contacted.v1") == [contacted.id]
    assert found("types=sal.*") == []
    assert found("types=*") == [created.id, contacted.id, user.id, refused.id]
    assert found(f"subject=lead:{lead_id}") == [created.id, contacted.id]
    assert found(f"subject=lead:{lead_id}&types=sales.lead.created.v1") == [created.id]


def test_a_narrowed_page_still_moves_the_cursor(channels: Channels) -> None:
    start = end(channels)
    deliver(channels.node, [rejected() for _ in range(3)])
    page = channels.as_(FOLLOWER).get(f"/events?after={start}&types=gateway.*").json()
    assert page == {"items": [], "next_cursor": end(channels)}


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        (ADMINISTRATOR, 200),
        (OPERATOR, 403),
        (FOLLOWER, 200),
        (SALESPERSON, 403),
        (partner(), 403),
        (partner("leads:push", "events:read"), 403),
        (visitor(), 401),
        (None, 401),
    ],
)
def test_the_feed_is_for_those_who_may_read_it_and_never_for_partners(
    channels: Channels, caller: Caller | None, status: int
) -> None:
    assert channels.as_(caller).get("/events?limit=1").status_code == status
    if status != 200:
        assert channels.as_(caller).get("/events", headers={"Accept": "text/event-stream"}).status_code == status


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=-1",
        "after=1.5",
        "types=sales*",
        "types=sa*les",
        "types=a,,b",
        "limit=0",
        "limit=1001",
        "type=x",
    ],
)
def test_a_wrong_parameter_is_refused(channels: Channels, query: str) -> None:
    answer = channels.as_(FOLLOWER).get(f"/events?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == f"?{query.partition('=')[0]}"


def test_a_reader_who_follows_the_cursor_sees_every_event_once_while_many_write(channels: Channels) -> None:
    start = int(end(channels))
    batches = [[[rejected() for _ in range(7)] for _ in range(15)] for _ in range(4)]
    done = threading.Event()
    seen: list[str] = []
    orders: list[int] = []

    def follow() -> None:
        cursor, last_look = start, False
        while True:
            last_look = done.is_set()
            with channels.node.read() as tx:
                reading = read_feed(tx, cursor, ("sales.*",), 5)
            assert reading.cursor >= cursor
            cursor = reading.cursor
            seen.extend(orjson.loads(event.envelope)["id"] for event in reading.events)
            orders.extend(event.position for event in reading.events)
            if not reading.events and last_look:
                return

    def write(mine: list[list[Envelope]]) -> None:
        for batch in mine:
            deliver(channels.node, batch)

    reader = threading.Thread(target=follow)
    writers = [threading.Thread(target=write, args=(mine,)) for mine in batches]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join(30)
    assert not reader.is_alive()
    written = [event.id for mine in batches for batch in mine for event in batch]
    assert sorted(seen) == sorted(written)
    assert orders == sorted(orders)


def test_a_writer_that_is_slow_to_commit_holds_up_the_next_one_and_no_reader(channels: Channels) -> None:
    start, first, second = int(end(channels)), rejected(), rejected()
    appended, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        from services.channels.feed.actions import append_to_feed

        with channels.node.begin(Context.fresh("test")) as tx:
            append_to_feed(tx, [first])
            appended.set()
            may_commit.wait(20)

    def positions() -> list[str]:
        with channels.node.read() as tx:
            return [orjson.loads(event.envelope)["id"] for event in read_feed(tx, start).events]

    writer = threading.Thread(target=slow)
    writer.start()
    appended.wait(20)
    other = threading.Thread(target=deliver, args=(channels.node, [second]))
    other.start()
    other.join(0.5)
    assert other.is_alive(), "the second one must wait, or it would appear before the first"
    assert positions() == []
    may_commit.set()
    writer.join(20)
    other.join(20)
    assert positions() == [first.id, second.id]


def test_events_older_than_a_year_are_forgotten_and_their_positions_never_used_again(channels: Channels) -> None:
    start = end(channels)
    long_ago = datetime.now(UTC) - KEPT - timedelta(days=1)
    old, young = [rejected(at=long_ago) for _ in range(3)], rejected()
    deliver(channels.node, [*old, young])
    forget_old_events(channels.node)
    page = channels.as_(FOLLOWER).get(f"/events?after={start}").json()
    assert [item["id"] for item in page["items"]] == [young.id]
    with channels.node.begin(Context.fresh("test")) as tx:
        from services.channels.feed.model import feed

        tx.execute(feed.delete())
    deliver(channels.node, [rejected()])
    later = channels.as_(FOLLOWER).get(f"/events?after={page['next_cursor']}").json()
    assert len(later["items"]) == 1


async def _until(stream: AsyncIterator[str], wanted: str) -> str:
    text = ""
    async with asyncio.timeout(15):
        while wanted not in text:
            text += await anext(stream)
    return text


def _face(channels: Channels) -> Face:
    face: Face = http_app(channels.node).state.face
    return face


def test_a_stream_tells_what_happens_from_now_on_and_goes_on_after_a_break(channels: Channels) -> None:
    deliver(channels.node, [rejected()])
    face, seen, missed = _face(channels), rejected(), rejected()

    async def listen() -> None:
        stream = await following.follow(face, read_wanted(None, None, None))
        await asyncio.to_thread(deliver, channels.node, [seen])
        text = await _until(stream, seen.id)
        assert text.count("data: ") == 1
        cursor = text.rpartition("id: ")[2].partition("\n")[0]
        await stream.aclose()  # type: ignore[attr-defined]
        await asyncio.to_thread(deliver, channels.node, [missed])
        stream = await following.follow(face, read_wanted(cursor, None, None))
        text = await _until(stream, missed.id)
        assert seen.id not in text
        await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(listen())
    assert following._readers[face] == 0


def test_a_quiet_stream_shows_that_it_is_alive(channels: Channels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.2)
    monkeypatch.setattr(following, "EVERY_S", 0.05)

    async def listen() -> None:
        stream = await following.follow(_face(channels), read_wanted(None, "gateway.*", None))
        await asyncio.to_thread(deliver, channels.node, [rejected()])
        text = await _until(stream, "heartbeat")
        assert "data:" not in text
        await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(listen())


def test_there_is_an_end_to_how_many_may_follow(channels: Channels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_READERS", 0)
    answer = channels.as_(FOLLOWER).get("/events", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
