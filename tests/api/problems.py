"""What every refusal of the public API looks like."""

import json
from typing import Any

import httpx

from tests.api.stage import World

MEMBERS = {"type", "title", "status", "detail", "code", "errors", "trace_id"}
CODES = {
    400: {"bad_request", "invalid_cursor"},
    401: {"not_signed_in", "wrong_credentials"},
    404: {"not_found"},
    405: {"method_not_allowed"},
    413: {"too_large"},
    415: {"unsupported_media_type"},
    422: {"invalid", "invalid_cursor"},
}


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem that this answer is, which must be whole, of this status, and clear."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert MEMBERS <= set(problem) <= MEMBERS | {"error"}
    assert problem["status"] == status
    assert problem["code"] in CODES[status], problem
    assert problem["type"] == f"urn:relata:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    assert len(problem["trace_id"]) == 32
    assert all(each["message"] for each in problem["errors"])
    for word in ("Traceback", "sqlalchemy", "sqlite3", "pydantic", ".py"):
        assert word not in answer.text
    return problem


def pointers(problem: dict[str, Any]) -> list[str]:
    """What the problem points to."""
    return [each["pointer"] for each in problem["errors"]]


def as_json(client: httpx.Client, path: str, body: bytes, **headers: str) -> httpx.Response:
    """Send these bytes as JSON."""
    return client.post(path, content=body, headers={"content-type": "application/json", **headers})


def failures_of_ours(world: World) -> list[dict[str, Any]]:
    """Every line of the log that tells of an error inside."""
    text = world.relata.log.read_text(errors="replace")
    lines = [json.loads(line[line.index("{") :]) for line in text.splitlines() if '{"' in line]
    assert any(line["event"] == "request" for line in lines)
    told = ("request failed", "answer broken off")
    return [line for line in lines if line.get("status", 0) >= 500 or line["event"] in told]
