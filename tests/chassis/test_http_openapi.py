"""The OpenAPI document says what the routes do, and schemathesis believes it only after trying."""

from pathlib import Path

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from chassis.caller import HEADER
from tests.chassis.shop_routes import CLERK, PARTNER, gate, open_shop


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with open_shop("sqlite", Path(tmp_path_factory.mktemp("shop"))) as (client, _node):
        gate.set()
        yield client


@pytest.fixture(scope="module")
def document(client):
    return client.get("//openapi.json").json()


def operations(document):
    return {(m, p): o for p, item in document["paths"].items() for m, o in item.items()}


def test_it_is_openapi_3_1_and_lists_every_route_once(document):
    assert document["openapi"].startswith("3.1")
    listed = operations(document)
    assert ("post", "/api/v1/items/{item_id}/sell") in listed
    ids = [operation["operationId"] for operation in listed.values()]
    assert len(ids) == len(set(ids))


def test_every_operation_documents_problems(document):
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for operation in operations(document).values():
        content = operation["responses"]["default"]["content"]
        assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_what_is_handed_in_stays_out(document):
    get = operations(document)["get", "/api/v1/items/{item_id}"]
    assert [parameter["name"] for parameter in get["parameters"]] == ["item_id"]
    assert "requestBody" not in operations(document)["post", "/api/v1/raw"]


def test_headers_limits_and_rights_are_documented(document):
    post = operations(document)["post", "/api/v1/items"]
    assert [parameter["name"] for parameter in post["parameters"]] == ["Idempotency-Key"]
    assert set(post["responses"]["201"]["headers"]) == {"ETag", "Location"}
    patch = operations(document)["patch", "/api/v1/items/{item_id}"]
    assert "If-Match" in [parameter["name"] for parameter in patch["parameters"]]
    assert operations(document)["post", "/api/v1/many"]["x-body-limit"] == 3 * 1024 * 1024
    assert operations(document)["post", "/api/v1/token"]["security"] == []


def test_a_list_publishes_its_filters_and_sorts(document):
    parameters = {p["name"]: p for p in operations(document)["get", "/api/v1/items"]["parameters"]}
    assert {"limit", "cursor", "sort", "q", "count", "fields", "status", "status__in", "stock__gte"} <= set(parameters)
    assert {"due_at__isnull", "maker"} <= set(parameters)
    assert not {"stock__isnull", "status__gte", "maker__in"} & set(parameters)
    assert parameters["sort"]["schema"]["enum"] == ["created_at", "-created_at", "due_at", "-due_at"]
    assert parameters["status"]["schema"]["enum"] == ["new", "sold"]


CONFORMANCE = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]
LEFT_OUT = {"/api/v1/bug", "/api/v1/breaks"}  # they fail on purpose


def test_the_routes_do_what_the_document_says(client):
    for result in schemathesis.openapi.from_asgi("/openapi.json", client.app).get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]
        if operation.path not in LEFT_OUT:
            _try_out(operation, client.app.state.face.seal.sign(PARTNER if "push" in operation.path else CLERK))


def _try_out(operation, token):
    @hypothesis.settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @hypothesis.given(case=operation.as_strategy())
    def conforms(case):
        case.call_and_validate(headers={HEADER: token}, checks=CONFORMANCE)

    conforms()
