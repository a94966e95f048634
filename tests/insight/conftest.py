"""Insight on both databases, fresh for each test: a report counts everything there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chassis.engines import ENGINES
from tests.insight.stage import Stage, open_stage


@pytest.fixture(params=ENGINES)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with open_stage(request.param, tmp_path) as opened:
        yield opened
