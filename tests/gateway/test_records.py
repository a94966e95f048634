"""The gateway's tables: as the migrations make them, with an index for every filter and sort."""

from pathlib import Path

import pytest

from chassis.http import Router
from chassis.migrate import migrate_service
from chassis.migrations.draft import drift
from chassis.settings import Settings
from gateway.service import GATEWAY
from tests.chassis.engines import ENGINES, database_url


@pytest.mark.parametrize("engine", ENGINES)
def test_migrations_make_what_the_models_say(engine: str, tmp_path: Path) -> None:
    with database_url(engine, tmp_path) as url:
        settings = Settings(database_url=url)
        assert drift(GATEWAY, settings) == []
        assert migrate_service(GATEWAY, settings) is False


def test_every_published_filter_and_sort_has_an_index() -> None:
    routers: tuple[Router, ...] = GATEWAY.routers
    listings = [route.listing for router in routers for route in router.routes if route.listing is not None]
    assert len(listings) == 9
    assert [missing for listing in listings for missing in listing.missing_indexes()] == []
