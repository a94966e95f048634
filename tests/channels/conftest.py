"""Channels on both databases; each test brings partners of its own, so that nothing needs cleaning up."""

from collections.abc import Iterator

import pytest

from tests.channels.stage import Channels, open_channels
from tests.chassis.engines import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def channels(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Channels]:
    with open_channels(request.param, tmp_path_factory.mktemp("channels"), outside_allow_private=True) as opened:
        yield opened
