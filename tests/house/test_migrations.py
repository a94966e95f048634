"""Every service's models are what its migrations make, on both engines."""

from pathlib import Path

import pytest

from chassis.migrate import chains_of
from chassis.migrations.draft import drift
from chassis.service import Service
from chassis.settings import Settings
from deploy.installation import all_services
from tests.chassis.engines import ENGINES, database_url

MIGRATED = [service for service in all_services() if service.migrations and chains_of(service)[1].newest]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("service", MIGRATED, ids=lambda service: service.name)
def test_the_models_of_a_service_are_what_its_migrations_make(service: Service, engine: str, tmp_path: Path) -> None:
    with database_url(engine, tmp_path) as url:
        assert drift(service, Settings(database_url=url)) == []
