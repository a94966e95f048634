"""What the OpenAPI 3.1 document says beyond what FastAPI reads from signatures: problems, headers, filters, caps."""

from typing import Any

from fastapi import FastAPI
from starlette.responses import Response

from chassis.filters import MAX_VALUES, schema_of
from chassis.http.conditions import IfMatch
from chassis.http.endpoint import Endpoint
from chassis.paging import DEFAULT_LIMIT, MAX_LIMIT, Listing
from chassis.problems import MEDIA_TYPE, SCHEMA

_KEY = "^[!#-~]([ -~]*[!-~])?$"
_PROBLEM = {
    "description": "A problem (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe(endpoint: Endpoint) -> dict[str, Any]:
    """Keyword arguments for ``add_api_route``."""
    route = endpoint.route
    extra: dict[str, Any] = {"parameters": _parameters(endpoint), "x-body-limit": route.body_limit}
    if route.public:
        extra["security"] = []
    own = dict(route.openapi)
    extra.update(own.pop("openapi_extra", {}))
    responses = {**own.pop("responses", {}), "default": _PROBLEM}
    if headers := _answer_headers(endpoint):
        responses.setdefault(endpoint.status, {})["headers"] = headers
    if endpoint.is_free and not endpoint.is_stream:
        own.setdefault("response_class", Response)
    return {
        "tags": list(route.tags),
        "summary": own.pop("summary", _summary(endpoint)),
        "operation_id": own.pop("operation_id", route.function.__name__),
        "responses": responses,
        "openapi_extra": extra,
        **own,
    }


def finish(app: FastAPI) -> None:
    """Let ``app.openapi()`` also name what all operations share."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            components = document.setdefault("components", {})
            components.setdefault("schemas", {})["Problem"] = SCHEMA
            components["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer", "description": "an access token or an API key"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            }
            document["security"] = [{"bearer": []}, {"key": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _summary(endpoint: Endpoint) -> str:
    first = (endpoint.route.function.__doc__ or "").strip().partition("\n")[0]
    return first.rstrip(".") or endpoint.route.function.__name__.replace("_", " ").capitalize()


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    route = endpoint.route
    parameters = []
    if route.idempotent:
        said = "The same key and body gives the same answer again. Kept 72 hours."
        parameters.append(_header("Idempotency-Key", said, {"type": "string", "maxLength": 255, "pattern": _KEY}))
    if IfMatch in endpoint.wanted:
        parameters.append(_header("If-Match", "Write only if the record still has this ETag.", {"type": "string"}))
    if route.listing is not None:
        parameters += _list_parameters(route.listing)
    return parameters


def _list_parameters(listing: Listing) -> list[dict[str, Any]]:
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    parameters = [
        _query("limit", "How many at most.", limit),
        _query("cursor", "The `next_cursor` of the page before, with the same filter and sort.", {"type": "string"}),
        _query("sort", "A minus sorts downwards.", {"type": "string", "enum": listing.sort_names}),
        _query("count", "Also answer `total`.", {"type": "boolean"}),
        _query("fields", "Only these fields of each item, separated by commas.", {"type": "string"}),
    ]
    if listing.includes:
        parameters.append(_query("include", "Also these, separated by commas.", {"type": "string"}))
    if listing.search is not None:
        parameters.append(
            _query("q", "Words to look for; accents and case do not matter.", {"type": "string", "maxLength": 200})
        )
    for name, by in listing.filters.items():
        for operator in by.operators:
            parameters.append(_filter(name, operator, by.reads))
    return parameters


def _filter(name: str, operator: str, reads: Any) -> dict[str, Any]:
    match operator:
        case "":
            return _query(name, f"Only where {name} is this.", schema_of(reads))
        case "in":
            several = {"type": "array", "items": schema_of(reads), "minItems": 1, "maxItems": MAX_VALUES}
            return {**_query(f"{name}__in", "Any of these, separated by commas.", several), "explode": False}
        case "isnull":
            return _query(f"{name}__isnull", "Whether there is none.", {"type": "boolean"})
    said = {"ne": "anything but this", "gte": "this or more", "lte": "this or less"}[operator]
    return _query(f"{name}__{operator}", f"Only where {name} is {said}.", schema_of(reads))


def _answer_headers(endpoint: Endpoint) -> dict[str, Any]:
    headers = {}
    fields = getattr(endpoint.answers, "model_fields", {})
    if "version" in fields:
        headers["ETag"] = {"description": "The record's version.", "schema": {"type": "string"}}
    if endpoint.status == 201 and "id" in fields:
        headers["Location"] = {"description": "Where the new record is.", "schema": {"type": "string"}}
    return headers


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
