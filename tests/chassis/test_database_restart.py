"""A pooled connection that died while idle costs nobody an answer."""

from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.orm import Session

from chassis.caller import Caller
from chassis.http import Router, http_app
from chassis.service import Service
from chassis.testing import SECRET, AppClient
from tests.chassis.engines import open_node

router = Router(tags=["things"])
CLERK = Caller(kind="user", id="01a2008a-93c8-7e93-9085-ec8d89d993a3", roles=frozenset({"administrator"}))


@router.get("/things", public=True)
def things(tx: Session) -> dict[str, int]:
    return {"one": tx.execute(text("SELECT 1")).scalar_one()}


@pytest.mark.postgres
def test_a_request_after_a_restart_of_the_database_is_answered(tmp_path: Path) -> None:
    service = Service(name="shop", metadata=MetaData(), routers=(router,))
    with open_node("postgresql", tmp_path, service, secret=SECRET) as node:
        operator = create_engine(node.db.url)
        with AppClient(http_app(node), as_=CLERK) as client, operator.connect() as outside:
            assert client.get("/things").status_code == 200
            others = text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert outside.execute(others).scalar_one() >= 1
            assert client.get("/things").json() == {"one": 1}
        operator.dispose()
