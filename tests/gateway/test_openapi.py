"""One document for everything: valid, complete, tagged by service, and honest about who is missing."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import MetaData

from chassis.http import Body, Router, http_app
from chassis.service import Service
from gateway.openapi.merge import merge
from gateway.proxy import StreamingProxy
from gateway.service import GATEWAY
from tests.chassis.engines import open_node
from tests.gateway.serving import free_port, served
from tests.gateway.stage import SECRET, House, open_house


class ChangeTeam(Body):
    """A football team: the gateway has another thing of this name."""

    goals: int = 0


router = Router(tags=["matches"])


@router.post("/matches")
def add_match(body: ChangeTeam) -> dict[str, int]:
    """A match was played."""
    return {"goals": body.goals}


FOOTBALL = Service(name="football", metadata=MetaData(), routers=(router,))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("town")
    with open_node("sqlite", folder, FOOTBALL, secret=SECRET) as node:
        upstreams = {"/matches": http_app(node)}
        documents = {"/api/asyncapi.yaml": ("application/yaml", b"asyncapi: 3.0.0\n")}
        with open_house("sqlite", folder, upstreams, documents=documents) as house:
            yield house


def document(house: House) -> Any:
    answer = house.visitor().get("//api/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_document_is_structurally_sound(town: House) -> None:
    whole = document(town)
    assert whole["openapi"].startswith("3.1")
    assert set(whole["components"]["securitySchemes"]) == {"bearer", "key"}
    names = {f"#/components/schemas/{name}" for name in whole["components"]["schemas"]}
    assert set(references(whole)) <= names
    ids = []
    for path, operations in whole["paths"].items():
        assert path.startswith("/api/v1/")
        for method, operation in operations.items():
            assert method in {"get", "post", "put", "patch", "delete", "options"}
            assert operation["responses"]
            ids.append(operation["operationId"])
            named = [each["name"] for each in operation.get("parameters", []) if each["in"] == "path"]
            assert all("{" + name + "}" in path for name in named)
            assert len(named) == path.count("{")
    assert len(ids) == len(set(ids))
    for schema in whole["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_it_has_every_route_tagged_by_service(town: House) -> None:
    paths = document(town)["paths"]
    for route in (route for each in GATEWAY.routers for route in each.routes):
        assert paths[f"/api/v1{route.path}"][route.method.lower()]["tags"][0] == "gateway"
    assert paths["/api/v1/matches"]["post"]["tags"] == ["football", "matches"]


def test_every_described_route_exists(town: House) -> None:
    for path, operations in document(town)["paths"].items():
        for method in operations:
            assert town.visitor().call(method.upper(), path.removeprefix("/api/v1")).status_code not in (404, 405)


def test_names_that_clash_are_told_apart(town: House) -> None:
    whole = document(town)
    body = whole["paths"]["/api/v1/matches"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/FootballChangeTeam"}
    assert "goals" in whole["components"]["schemas"]["FootballChangeTeam"]["properties"]
    assert "goals" not in whole["components"]["schemas"]["ChangeTeam"]["properties"]


def test_what_refers_to_a_clashing_name_is_told_apart_too() -> None:
    def service(kind: str) -> dict[str, Any]:
        return {
            "paths": {"/api/v1/" + kind: {"get": {"operationId": "read", "responses": {}}}},
            "components": {
                "schemas": {
                    "Outer": {"properties": {"inner": {"$ref": "#/components/schemas/Inner"}}},
                    "Inner": {"type": kind},
                    "Same": {"type": "null"},
                }
            },
        }

    whole = merge({"one": service("string"), "two": service("integer")}, version="1", missing=[])
    schemas = whole["components"]["schemas"]
    assert set(schemas) == {"Outer", "Inner", "Same", "TwoOuter", "TwoInner"}
    assert schemas["TwoOuter"]["properties"]["inner"]["$ref"] == "#/components/schemas/TwoInner"
    assert schemas["Outer"]["properties"]["inner"]["$ref"] == "#/components/schemas/Inner"
    ids = [whole["paths"][path]["get"]["operationId"] for path in whole["paths"]]
    assert ids == ["gateway_health", "gateway_ready", "one_read", "two_read"]


def test_a_service_that_is_down_is_named_and_comes_back(tmp_path: Path) -> None:
    port = free_port()
    with open_node("sqlite", tmp_path, FOOTBALL, secret=SECRET) as node:
        upstreams = {"/matches": StreamingProxy(f"http://127.0.0.1:{port}")}
        with open_house("sqlite", tmp_path, upstreams) as house:
            partial = document(house)
            assert partial["x-missing"] == ["/matches"]
            assert "/api/v1/users" in partial["paths"]
            assert "/matches" in house.visitor().get("//api/docs").text
            assert house.visitor().get("//services.json").json()["services"]["/matches"] == "unavailable"
            with served(http_app(node), port):
                house.loop.run(asyncio.sleep(2.1))
                whole = document(house)
                assert "x-missing" not in whole
                assert "/api/v1/matches" in whole["paths"]
                assert house.visitor().get("//services.json").json()["services"]["football"] == "ok"


def test_the_page_shows_it_without_anything_from_elsewhere(town: House) -> None:
    answer = town.visitor().get("//api/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for shown in ("/api/v1/matches", "/api/v1/auth/token", "A match was played", "goals?"):
        assert shown in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert "<script" not in answer.text


def test_documents_of_the_installation_are_served(town: House) -> None:
    answer = town.visitor().get("//api/asyncapi.yaml")
    assert (answer.headers["content-type"], answer.content) == ("application/yaml", b"asyncapi: 3.0.0\n")


def test_the_start_page_says_what_runs_in_the_readers_language(town: House) -> None:
    english = town.visitor().get("//", headers={"accept-language": "en"})
    vietnamese = town.visitor().get("//", headers={"accept-language": "vi-VN,vi;q=0.9"})
    assert ("What runs" in english.text, "Đang chạy" in vietnamese.text) == (True, True)
    assert (english.headers["content-language"], vietnamese.headers["content-language"]) == ("en", "vi")
    for page in (english, vietnamese):
        assert all(shown in page.text for shown in ("gateway", "football", "/api/docs", "/api/asyncapi.yaml"))
        assert SECRET not in page.text
    assert "setInterval" in town.visitor().get("//start.js").text
    assert town.visitor().call("HEAD", "//").status_code == 200


def test_hosts_that_clients_claim_are_shown_as_text(town: House) -> None:
    answer = town.visitor().get("//", headers={"host": 'x"><script>alert(1)</script>'})
    assert "<script>alert" not in answer.text
