"""The projections of activities, made anew from the feed, are the live ones, whatever order each heard of things."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.rebuild.run import rebuild
from events.gateway import PartnerCreated, PartnerState, UserState, UserUpdated
from services.activities.reactions import REACTIONS
from tests.activities.stage import Stage, open_stage
from tests.chassis.engines import ENGINES
from tests.customers import Customer, Tellers


@pytest.fixture(params=ENGINES)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with open_stage(request.param, tmp_path) as opened:
        yield opened


def test_what_is_rebuilt_is_what_was_there(stage: Stage) -> None:
    tellers, dice = Tellers(), random.Random(7)
    customers = [Customer(tellers).goes_all_the_way() for _ in range(8)]
    user = UserState(id=customers[0].lead_id, name="Vũ Thị Mơ", email="mo@example.com")
    tellers.tell(UserUpdated(user=user))
    tellers.tell(PartnerCreated(partner=PartnerState(id=customers[1].lead_id, name="Báo Mới")))
    for hear in (stage.hears, stage.feed_hears):
        shuffled = list(tellers.told)
        dice.shuffle(shuffled)
        hear(*shuffled)
    for reaction in (each for each in REACTIONS if each.projection):
        live = stage.rows(*reaction.projection)
        assert all(live)
        for table in reversed(reaction.projection):
            with stage.node.db.begin() as tx:
                tx.execute(table.delete())
        rebuild(stage.node, stage.feed, reaction)
        assert stage.rows(*reaction.projection) == live
