"""``/api/openapi.json`` for programs and ``/api/docs`` for people, without anything from elsewhere."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.openapi.collected import Collected
from gateway.openapi.merge import Document
from gateway.pages import Page

_METHODS = ("get", "post", "patch", "put", "delete")


def openapi_json(collected: Collected) -> Page:
    """The merged document."""

    async def page(_request: Request) -> Response:
        return Response(orjson.dumps(await collected.document()), media_type="application/json")

    return page


def docs_page(collected: Collected) -> Page:
    """The merged document to read."""
    template = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True).get_template("docs.html")

    async def page(_request: Request) -> Response:
        document = await collected.document()
        return HTMLResponse(
            template.render(about=document["info"], missing=document.get("x-missing"), groups=_groups(document))
        )

    return page


@dataclass(frozen=True, slots=True)
class _Operation:
    """A route as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    body: str
    answers: list[tuple[str, str, str]]
    is_public: bool


def _groups(document: Document) -> list[tuple[str, str, list[_Operation]]]:
    """Operations by service and noun."""
    groups: dict[tuple[str, str], list[_Operation]] = {}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                service, *nouns = operations[method].get("tags") or ["other"]
                shown = _operation(document, method, path, operations[method])
                groups.setdefault((service, nouns[0] if nouns else service), []).append(shown)
    return [(service, noun, shown) for (service, noun), shown in groups.items()]


def _operation(document: Document, method: str, path: str, operation: dict[str, Any]) -> _Operation:
    return _Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=[_parameter(each) for each in operation.get("parameters", [])],
        body=_content(document, operation.get("requestBody", {})),
        answers=[
            (status, answer.get("description", ""), _content(document, answer))
            for status, answer in operation.get("responses", {}).items()
            if status != "default"
        ],
        is_public=operation.get("security") == [],
    )


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    schema = parameter.get("schema", {})
    kind = schema.get("type") or " | ".join(str(each.get("type", "")) for each in schema.get("anyOf", []))
    return {**parameter, "kind": kind, "choices": schema.get("enum", [])}


def _content(document: Document, holder: dict[str, Any]) -> str:
    """What a body looks like, as JSON with types for values."""
    for content in holder.get("content", {}).values():
        return json.dumps(_shape(document, content.get("schema", {}), 0), ensure_ascii=False, indent=2)
    return ""


def _shape(document: Document, schema: Any, depth: int) -> Any:
    if not isinstance(schema, dict) or depth > 6:
        return "…"
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return _shape(document, document["components"]["schemas"].get(name, {}), depth + 1)
    choices = [each for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())) if each.get("type") != "null"]
    if choices:
        return _shape(document, choices[0], depth + 1)
    if "enum" in schema or "const" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    return _of_type(document, schema, depth)


def _of_type(document: Document, schema: dict[str, Any], depth: int) -> Any:
    match schema.get("type"):
        case "object":
            needed = set(schema.get("required", ()))
            return dict(_members(document, schema.get("properties", {}), needed, depth))
        case "array":
            return [_shape(document, schema.get("items", {}), depth + 1)]
        case kind:
            return schema.get("format") or kind or "anything"


def _members(document: Document, properties: dict[str, Any], needed: set[str], depth: int) -> Iterator[tuple[str, Any]]:
    for name, inner in properties.items():
        yield name if name in needed else f"{name}?", _shape(document, inner, depth + 1)
