"""One OpenAPI 3.1 document out of many: every service's routes, tagged by service, names that clash told apart."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

Document = dict[str, Any]

_REFERENCE = "#/components/schemas/"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "an access token of POST /auth/token, or an API key"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_ANSWER = {
    "application/json": {
        "schema": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
    }
}
_ABOUT = (
    "Everything that Relata does for the outside. Sign in with `POST /api/v1/auth/token`, or use an API key. "
    "Errors are RFC 9457 problem details; lists are walked by `cursor`; a POST with an `Idempotency-Key` is repeatable."
)


# The gateway's own, beside what services describe.
_SYSTEM = {
    f"/api/v1/{name}": {
        "get": {
            "tags": ["gateway", "health"],
            "operationId": f"gateway_{name}",
            "summary": summary,
            "security": [],
            "responses": {
                "200": {"description": "Yes", "content": _ANSWER},
                **({"503": {"description": "Not just now", "content": _ANSWER}} if name == "ready" else {}),
            },
        }
    }
    for name, summary in {"health": "Whether the gateway is there", "ready": "Whether it can do its work"}.items()
}


def merge(documents: Mapping[str, Document], *, version: str, missing: list[str]) -> Document:
    """The one document. ``documents`` by service name, ``missing`` what could not be asked just now."""
    merged: Document = {
        "openapi": "3.1.0",
        "info": {"title": "Relata", "version": version, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": f"Answered by the service {name}."} for name in documents],
        "security": [{"bearer": []}, {"key": []}],
        "paths": deepcopy(_SYSTEM),
        "components": {"schemas": {}, "securitySchemes": _SECURITY},
    }
    if missing:
        merged["x-missing"] = missing
    for service, document in documents.items():
        _add(merged, service, deepcopy(document))
    return merged


def _add(merged: Document, service: str, document: Document) -> None:
    taken: Document = merged["components"]["schemas"]
    own_names = _own_names(service, document.get("components", {}).get("schemas", {}), taken)
    document = _renamed(document, {_REFERENCE + old: _REFERENCE + new for old, new in own_names.items()})
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        taken[own_names.get(name, name)] = schema
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            if method in _METHODS:
                operation["tags"] = [service, *(tag for tag in operation.get("tags", []) if tag != service)]
                operation["operationId"] = f"{service}_{operation.get('operationId', method)}"
        merged["paths"].setdefault(path, operations)


def _own_names(service: str, schemas: Document, taken: Document) -> dict[str, str]:
    """New names for the schemas of this service that differ from another service's of the same name.

    One that reads the same still differs when it refers to one that does, so this goes round until nothing is added.
    """
    names: dict[str, str] = {}
    while True:
        references = {_REFERENCE + old: _REFERENCE + new for old, new in names.items()}
        clashing = [
            name
            for name, schema in schemas.items()
            if name not in names and name in taken and taken[name] != _renamed(schema, references)
        ]
        if not clashing:
            return names
        names.update({name: f"{service.title().replace('_', '')}{name}" for name in clashing})


def _renamed(value: Any, references: Mapping[str, str]) -> Any:
    """The same, with these references pointing elsewhere; discriminators name them too."""
    if isinstance(value, dict):
        return {name: _renamed(inner, references) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, references) for inner in value]
    return references.get(value, value) if isinstance(value, str) else value
