"""A projection made anew says what the live one says, whatever happens meanwhile, and a failure changes nothing."""

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from chassis import parked
from chassis.context import Context
from chassis.event import Envelope, decode, encode
from chassis.inbox import OPEN, State, inbox
from chassis.service import Reaction
from deploy.rebuild.replay import Replayed, replay
from deploy.rebuild.run import rebuild
from deploy.rebuild.shadow import Shadow
from deploy.rebuild.switch import switch
from deploy.trouble import Trouble
from services.channels.feed.model import feed
from services.channels.feed.queries import end_of_feed
from tests.deploy import ledger
from tests.deploy.ledger import ADD_UP, KNOW_OWNER, PROJECTIONS, WRITE_TRAIL, Stage, open_stage, owners, sums

NAMES = "an binh chi dung giang ha khanh lan minh nga".split()
every_order = pytest.mark.parametrize("reaction", PROJECTIONS, ids=lambda reaction: reaction.order)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(request.param, tmp_path_factory.mktemp("rebuild")) as opened:
        yield opened


@pytest.fixture
def stage(databases: Stage) -> Stage:
    databases.clear()
    return databases


def history(stage: Stage, reaction: Reaction, count: int) -> None:
    """So many facts, which the ledger (with this one reaction) and the feed hear of in different orders."""
    stage.live.service = replace(stage.live.service, reactions=(reaction,))
    dice = random.Random(1)
    facts = [stage.happens(f"a{dice.randrange(20)}", dice.choice(NAMES), dice.randrange(1, 9)) for _ in range(count)]
    for hear in (stage.to_live, stage.to_feed):
        places = {fact.id: place + dice.randrange(60) for place, fact in enumerate(facts)}
        facts.sort(key=lambda fact: places[fact.id])
        for start in range(0, count, 100):
            hear(*facts[start : start + 100])


@every_order
def test_a_rebuilt_projection_says_what_the_live_one_said(stage: Stage, reaction: Reaction) -> None:
    history(stage, reaction, 200)
    before = stage.rows(reaction.projection[0])
    assert before == stage.truth(reaction.projection[0])
    assert rebuild(stage.live, stage.feed, reaction) == len(before)
    assert stage.rows(reaction.projection[0]) == before


@every_order
def test_a_projection_that_somebody_broke_is_mended(stage: Stage, reaction: Reaction) -> None:
    history(stage, reaction, 120)
    (table,) = reaction.projection
    with stage.live.db.begin() as tx:
        tx.execute(delete(table).where(table.c.account < "a15"))
        tx.execute(update(table).values({table.c[1]: 77 if table is sums else "somebody else"}))
        tx.execute(table.insert(), {"account": "never was", table.c[1].name: 5 if table is sums else "nobody"})
    assert stage.rows(table) != stage.truth(table)
    rebuild(stage.live, stage.feed, reaction)
    assert stage.rows(table) == stage.truth(table)


@every_order
def test_events_go_on_taking_effect_once_after_a_rebuild(stage: Stage, reaction: Reaction) -> None:
    history(stage, reaction, 60)
    early = [stage.happens("a1", name, 10) for name in NAMES]
    stage.to_feed(*early)  # the ledger hears of these only after it was rebuilt from them
    rebuild(stage.live, stage.feed, reaction)
    assert stage.rows(reaction.projection[0]) == stage.truth(reaction.projection[0])
    later = [stage.happens("a1", name, 100) for name in NAMES]
    stage.to_live(*early, *later, *early)
    assert stage.rows(reaction.projection[0]) == stage.truth(reaction.projection[0])


@every_order
def test_events_that_arrive_meanwhile_are_neither_lost_nor_doubled(stage: Stage, reaction: Reaction) -> None:
    history(stage, reaction, 100)
    ended = threading.Event()

    def go_on() -> None:
        dice = random.Random(3)
        while not ended.is_set():
            facts = [stage.happens(f"a{dice.randrange(20)}", dice.choice(NAMES), 3) for _ in range(5)]
            first, second = dice.sample((stage.to_live, stage.to_feed), 2)
            first(*facts)
            second(*facts)

    arriving = threading.Thread(target=go_on)
    arriving.start()
    try:
        for _ in range(2):
            rebuild(stage.live, stage.feed, reaction, patience_s=30)
    finally:
        ended.set()
        arriving.join()
    assert len(stage.happened) > 100
    assert stage.rows(reaction.projection[0]) == stage.truth(reaction.projection[0])


@every_order
def test_what_the_feed_does_not_hold_is_not_lost_by_switching(stage: Stage, reaction: Reaction) -> None:
    history(stage, reaction, 40)
    stage.to_live(stage.happens("new", "lan", 4))
    before = stage.rows(reaction.projection[0])
    with pytest.raises(Trouble, match="nothing was changed"):
        rebuild(stage.live, stage.feed, reaction, patience_s=0.5)
    assert stage.rows(reaction.projection[0]) == before
    stage.to_feed(stage.happened[-1])
    rebuild(stage.live, stage.feed, reaction)
    assert stage.rows(reaction.projection[0]) == before


@every_order
def test_what_the_feed_has_forgotten_is_not_lost_by_switching(stage: Stage, reaction: Reaction) -> None:
    history(stage, reaction, 40)
    before = stage.rows(reaction.projection[0])
    year = timedelta(days=365)
    with stage.feed.db.begin() as tx:
        tx.execute(delete(feed).where(feed.c.subject == stage.happened[0].subject))
        envelopes = {row.position: decode(row.envelope) for row in tx.execute(select(feed))}
        for position, envelope in envelopes.items():
            aged = encode(replace(envelope, time=envelope.time - year))
            tx.execute(update(feed).where(feed.c.position == position).values(envelope=aged))
    with stage.live.db.begin() as tx:
        tx.execute(delete(inbox))  # handled that long ago, each row is forgotten too
    with pytest.raises(Trouble, match=r"reaches back|begun to forget"):
        rebuild(stage.live, stage.feed, reaction, patience_s=0.2)
    assert stage.rows(reaction.projection[0]) == before


@every_order
def test_an_event_that_comes_at_the_very_moment_of_switching_takes_effect_once(
    stage: Stage, reaction: Reaction
) -> None:
    history(stage, reaction, 30)
    shadow = Shadow(stage.live, reaction)
    shadow.make()
    late: list[Envelope] = []

    def catch_up() -> Replayed:
        late.append(stage.happens("a1", "lan", 5))
        stage.to_feed(late[-1])
        return replay(shadow, stage.feed, lambda _position, _end: None)

    switch(stage.live, shadow, catch_up, patience_s=5)
    shadow.drop()
    shadow.close()
    assert len(late) == 2  # the second while the live tables were held
    assert stage.rows(reaction.projection[0]) == stage.truth(reaction.projection[0])
    stage.to_live(*late)
    assert stage.rows(reaction.projection[0]) == stage.truth(reaction.projection[0])


@every_order
def test_a_rebuild_goes_on_where_it_stopped(
    stage: Stage, reaction: Reaction, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.rebuild.replay.SLICE", 50)
    history(stage, reaction, 120)
    stopped = Shadow(stage.live, reaction)
    stopped.make()
    with pytest.raises(KeyboardInterrupt):
        replay(stopped, stage.feed, interrupt)
    assert 0 < stopped.position() < position_of_the_end(stage)
    stopped.close()
    rebuild(stage.live, stage.feed, reaction)
    assert "Going on" in capsys.readouterr().err
    assert stage.rows(reaction.projection[0]) == stage.truth(reaction.projection[0])
    stage.to_feed(stage.happens("a2", "ha"))
    stage.to_live(stage.happened[-1])
    rebuild(stage.live, stage.feed, reaction)
    assert "Going on" not in capsys.readouterr().err


def position_of_the_end(stage: Stage) -> int:
    with stage.feed.read() as tx:
        return end_of_feed(tx)


def interrupt(_position: int, _end: int) -> None:
    raise KeyboardInterrupt


def test_another_code_does_not_go_on_with_what_the_old_one_made(stage: Stage) -> None:
    history(stage, KNOW_OWNER, 30)
    stopped = Shadow(stage.live, KNOW_OWNER)
    assert stopped.make() is False
    assert stopped.make() is True
    stopped.close()
    changed = Shadow(stage.live, replace(KNOW_OWNER, order="any"))
    assert changed.make() is False
    changed.drop()
    changed.close()


def test_what_live_gave_up_is_given_up_again_and_what_it_mended_is_mended(stage: Stage) -> None:
    history(stage, KNOW_OWNER, 20)
    poison = stage.happens("bad", "nobody can be called so")
    stage.live.retry_delays_s = ()
    stage.to_live(poison)
    stage.to_feed(poison)
    with stage.live.read() as tx:
        assert tx.scalar(select(inbox.c.state).where(inbox.c.state.in_(OPEN))) == State.PARKED
    rebuild(stage.live, stage.feed, KNOW_OWNER)  # parked in both: nothing is lost by switching
    assert "bad" not in stage.rows(owners)
    with stage.live.read() as tx:
        assert tx.scalar(select(inbox.c.state).where(inbox.c.state.in_(OPEN))) == State.PARKED


def test_an_operator_s_drop_holds_in_a_strict_projection(stage: Stage) -> None:
    first, bad, after = (stage.happens("s", owner) for owner in ("an", "xx", "binh"))
    stage.to_feed(first, bad, after)

    def refuse(tx, envelope):
        if envelope.data["owner"] == "xx":
            raise ValueError("refused")
        ledger.write_trail(tx, envelope)

    reaction = replace(WRITE_TRAIL, react=refuse)
    stage.live.service = replace(stage.live.service, reactions=(reaction,))
    stage.live.retry_delays_s = ()
    stage.to_live(first, bad, after)
    with stage.live.begin(Context.fresh("test")) as tx:
        parked.drop(tx, f"in:{bad.id}:{reaction.name}", by="test")
    stage.to_live()
    assert stage.rows(ledger.trails) == {"s": "an binh"}
    rebuild(stage.live, stage.feed, reaction)
    assert stage.rows(ledger.trails) == {"s": "an binh"}


def test_a_reaction_that_writes_elsewhere_is_stopped_and_changes_nothing(stage: Stage) -> None:
    history(stage, KNOW_OWNER, 10)
    meddling = replace(KNOW_OWNER, react=ledger.meddle)
    before = stage.rows(owners)
    with pytest.raises(Trouble, match="nothing was changed"):
        rebuild(stage.live, stage.feed, meddling, patience_s=0.2)
    assert stage.rows(owners) == before
    with stage.live.read() as tx:
        assert tx.execute(select(ledger.other)).all() == []


def test_one_rebuild_at_a_time(stage: Stage) -> None:
    history(stage, ADD_UP, 10)
    shadow = Shadow(stage.live, ADD_UP)
    with shadow.alone(), pytest.raises(Trouble, match="already"):
        rebuild(stage.live, stage.feed, ADD_UP)
    shadow.close()
