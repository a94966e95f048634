"""Every operation of the published document is tried, by everybody, with what it asks for and with what it does not.

Nothing is answered with a 5xx, and every answer is one that the document promises. ``make test-long`` tries far more.
"""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import hypothesis.strategies as st
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.api.calls import CALLS, prepared
from tests.api.stage import API, METHODS, World, new_lead
from tests.installation import ADMIN_PASSWORD

EXAMPLES = int(os.environ.get("RELATA_API_EXAMPLES", "2"))
CONFORMANCE = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
STRICT = [*CONFORMANCE, checks.negative_data_rejection]
SIGNS_OUT = {"POST /auth/logout", "POST /auth/password"}
REFUSES_ROW_BY_ROW = {"POST /partner/leads/batch"}
# No parameter, or one that is a text, which no path can get wrong.
TAKES_ANYTHING = {"GET /health", "GET /ready", "OPTIONS /public/forms/{form_key}", "GET /public/forms/{form_key}.js"}


@pytest.fixture(scope="module")
def session() -> requests.Session:
    return requests.Session()


@cache
def _schema(world_url: str) -> Any:
    return schemathesis.openapi.from_url(f"{world_url}/api/openapi.json")


def described(world: World, operation: str) -> Any:
    """The operation as schemathesis reads it from the document."""
    method, path = operation.split()
    return _schema(world.relata.url)[API + path][method]


def rightful(world: World, operation: str) -> httpx.Client:
    """Somebody who may do this; for what ends a sign-in somebody of its own."""
    if operation in SIGNS_OUT:
        return world.new_user()[0]
    return {"partner": world.partner, "public": world.visitor}.get(CALLS[operation].who, world.admin)


def send(case: Case[Any], client: httpx.Client, world: World, session: requests.Session, how: Any) -> Any:
    """Send it as this client, and compare the answer with the document."""
    headers = {"authorization": client.headers["authorization"]} if "authorization" in client.headers else {}
    return case.call_and_validate(base_url=world.relata.url, headers=headers, checks=how, session=session)


def test_every_operation_is_known_here(world: World) -> None:
    assert len(world.operations) == len(set(world.operations))
    assert set(world.operations) == set(CALLS)


@pytest.mark.parametrize("operation", CALLS)
def test_a_good_call_is_answered_as_promised(operation: str, world: World, session: requests.Session) -> None:
    call, target = CALLS[operation], described(world, operation)
    ids = prepared(world, operation)
    body: dict[str, Any] = {}
    if call.form:
        body = {"body": call.form(world), "media_type": "application/x-www-form-urlencoded"}
    elif (content := call.content(world, operation, ids)) is not None:
        body = {"body": content, "media_type": "application/json"}
    case = target.Case(path_parameters=ids or None, query=call.asked(world, operation), **body)
    answer = send(case, rightful(world, operation), world, session, CONFORMANCE)
    assert 200 <= answer.status_code < 300, answer.text
    assert str(answer.status_code) in target.definition.raw["responses"]


def test_what_is_there_already_is_answered_as_promised_too(world: World, session: requests.Session) -> None:
    lead = world.made("/leads", new_lead())
    for points, point in (("phones", lead["phones"][0]), ("emails", lead["emails"][0])):
        target = described(world, f"POST /leads/{{lead_id}}/{points}")
        body = {"body": {"value": point["original"]}, "media_type": "application/json"}
        again = target.Case(path_parameters={"lead_id": lead["id"]}, **body)
        assert send(again, world.admin, world, session, CONFORMANCE).status_code == 200


# What only our own people can reach, and is made as the others are, gets its nonsense in the long run.
WITHIN = (
    *("/accounts", "/contacts", "/opportunities", "/quotes", "/orders", "/shipments", "/invoices", "/payments"),
    *("/products", "/erp", "/ledger", "/activities", "/teams", "/roles", "/users", "/forms"),
    *("/handovers", "/handover_teams", "/handed_over"),
    *("/open_records", "/planned_activities", "/contact_moments", "/receivables"),
)
EVERY = [
    pytest.param(operation, marks=pytest.mark.slow) if operation.split()[1].startswith(WITHIN) else operation
    for operation in CALLS
]


@pytest.mark.parametrize("operation", EVERY)
def test_whatever_is_sent_is_answered_as_promised(operation: str, world: World, session: requests.Session) -> None:
    target, real = described(world, operation), prepared(world, operation)
    client = rightful(world, operation)
    strangers, tried = [world.visitor, world.partner, world.visitor, world.partner], 0

    def try_it(case: Case[Any], how: Any) -> None:
        nonlocal tried
        send(case, client, world, session, how)
        tried += 1
        if strangers:
            status = send(case, strangers.pop(), world, session, CONFORMANCE).status_code
            assert status in (401, 403) or CALLS[operation].who in ("public", "partner")

    @_bounded(EXAMPLES)
    @hypothesis.given(case=target.as_strategy(generation_mode=GenerationMode.POSITIVE), of_a_real_one=st.booleans())
    def understood(case: Case[Any], of_a_real_one: bool) -> None:
        if of_a_real_one and real:
            case.path_parameters = dict(real)
        try_it(case, CONFORMANCE)

    @_bounded(EXAMPLES)
    @hypothesis.given(case=target.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def not_understood(case: Case[Any]) -> None:
        try_it(case, CONFORMANCE if operation in REFUSES_ROW_BY_ROW else STRICT)

    understood()
    if operation not in TAKES_ANYTHING:
        not_understood()
    assert tried >= 2
    assert len(strangers) <= 2, "each of the two has tried it"


def test_methods_that_are_not_described_are_not_served(world: World) -> None:
    templates = [
        (re.compile(re.sub("{[a-z_]+}", "[^/]+", path)), item) for path, item in world.document["paths"].items()
    ]
    for path in world.document["paths"]:
        concrete = path.format(**world.ids(path.removeprefix(API)))
        # A fixed segment may also be read as somebody's id: /leads/summary.
        served = {method.upper() for shape, item in templates if shape.fullmatch(concrete) for method in item}
        for method in {each.upper() for each in METHODS} - served - {"HEAD"}:
            answer = world.admin.request(method, world.relata.url + concrete)
            assert answer.status_code == 405, f"{method} {path}: {answer.status_code}"
            assert set(answer.headers["allow"].split(", ")) - {"HEAD"} == served, path
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/leads?limit=1", "/me", "/events?limit=1", "/leads/nobody", "/nowhere"])
def test_the_head_of_an_answer_can_be_had_alone(path: str, world: World) -> None:
    whole, head = world.admin.get(path), world.admin.head(path)
    assert (head.status_code, head.headers["content-type"]) == (whole.status_code, whole.headers["content-type"])
    assert head.content == b""
    assert world.admin.head("/auth/token").status_code == 405


def _bounded(examples: int) -> Any:
    return hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_schemathesis_with_all_its_phases_finds_no_server_error(world: World, tmp_path: Path) -> None:
    token = world.admin.headers["authorization"]
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{world.relata.url}/api/openapi.json"),
        *("--header", f"Authorization: {token}", "--max-examples", "25", "--no-color"),
        *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance"),
        *("--phases", "examples,coverage,fuzzing,stateful", "--exclude-operation-id", "gateway_sign_out"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2400, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert ADMIN_PASSWORD not in done.stdout
