"""Whatever arrives, fails, dies or is decided by people: what took effect is what the sequential model says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.chassis.engines import ENGINES, open_node
from tests.semantics.history import Step, histories
from tests.semantics.shop import Tries, shop, taker
from tests.semantics.stage import Stage, kill
from tests.semantics.verdict import check_effects, check_emitted

# A failure found by chance is shrunk in the long run only: it takes minutes.
AT_ONCE = set(Phase) - {Phase.shrink, Phase.explain}


@pytest.fixture(params=[(engine, many) for engine in ENGINES for many in (False, True)], ids=str, scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    engine, many = request.param
    folder: Path = tmp_path_factory.mktemp("semantics")
    receiver = taker(Tries(folder / "tries"), kill, many=many)
    with (
        open_node(engine, folder, shop(), retry_scale=1e-9) as told,
        open_node(engine, folder, receiver, retry_scale=1e-9) as reacts,
    ):
        yield Stage(told, reacts, folder / "tries")


@given(steps=histories())
@settings(max_examples=20, phases=AT_ONCE, suppress_health_check=list(HealthCheck))
def test_every_history_ends_as_the_sequential_model_says(stage: Stage, steps: list[Step]) -> None:
    play_and_compare(stage, steps)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@given(steps=histories())
@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
def test_a_thousand_histories_end_as_the_sequential_model_says(stage: Stage, steps: list[Step]) -> None:
    play_and_compare(stage, steps)


def play_and_compare(stage: Stage, steps: list[Step]) -> None:
    stage.clear()
    stage.play(steps)

    stage.come_to_rest()
    while curable := [parked for parked in stage.parked() if not stage.is_blocked(parked)]:
        for parked in curable:
            stage.replay(parked)
    check_effects(stage.taker, stage.story)
    check_emitted(stage.shop, stage.taker, stage.story)

    while given_up := stage.parked():
        for parked in given_up:
            stage.drop(parked)
        stage.run_all_due()
    check_effects(stage.taker, stage.story)
