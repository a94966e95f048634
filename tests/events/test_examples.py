"""The published language does not break: golden examples, an evolution check, and names that stay."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import events
from chassis.event import Event, decode
from chassis.topology import Names, queues_of
from deploy.asyncapi import asyncapi_document, asyncapi_yaml, emitted, example_of, schema_of
from deploy.docs import out_of_date
from deploy.installation import all_services

HERE = Path(__file__).parent
EXAMPLES = Path(events.__file__).parent / "examples"
TYPES = [event for _, event in emitted(all_services())]


def every_event_class() -> Iterator[type[Event]]:
    for found in pkgutil.walk_packages(events.__path__, "events."):
        module = importlib.import_module(found.name)
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if issubclass(cls, Event) and "type" in vars(cls) and cls.__module__ == found.name:
                yield cls


def test_every_event_has_a_literal_type_one_owner_and_one_example() -> None:
    defined = {cls.type for cls in every_event_class()}
    assert defined == {event.type for event in TYPES} == {path.stem for path in EXAMPLES.glob("*.json")}
    for service, event in emitted(all_services()):
        owner, noun, happened, version = event.type.split(".")
        assert owner == service.name
        assert noun.isidentifier()
        assert happened.endswith(("ed", "en", "sent", "won", "lost", "paid"))
        assert version.startswith("v")


@pytest.mark.parametrize("event", TYPES, ids=lambda event: event.type)
def test_the_golden_example_is_understood_and_said_again_the_same(event: type[Event]) -> None:
    example = example_of(event)
    envelope = decode(json.dumps(example))
    parsed = envelope.parse(event)
    assert envelope.subject == parsed.subject
    assert list(envelope.persons) == list(parsed.persons())
    assert_contains(parsed.model_dump(mode="json"), example["data"])
    jsonschema.validate(example["data"], schema_of(event))


def assert_contains(said: Any, golden: Any, path: str = "data") -> None:
    """Everything in the golden example is still said; new fields may have joined."""
    if isinstance(golden, dict):
        for key, value in golden.items():
            assert key in said, f"{path}.{key} is gone: that needs a new version of the type"
            assert_contains(said[key], value, f"{path}.{key}")
    else:
        assert said == golden, path


@pytest.mark.parametrize("event", TYPES, ids=lambda event: event.type)
def test_an_event_only_grows_by_fields_with_defaults(event: type[Event]) -> None:
    frozen = HERE / "schemas" / f"{event.type}.json"
    assert frozen.exists(), f"a new type: write its schema once with {write_schemas.__module__}.write_schemas()"
    assert list(breaks(json.loads(frozen.read_text()), schema_of(event))) == []


def breaks(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """What a consumer written against the earlier schema would stumble over."""
    pairs = [("data", before, now)]
    pairs += [(name, old, now.get("$defs", {}).get(name, {})) for name, old in before.get("$defs", {}).items()]
    for name, old, new in pairs:
        for field, shape in old.get("properties", {}).items():
            if field not in new.get("properties", {}):
                yield f"{name}.{field} is gone"
            elif types_of(shape) != types_of(new["properties"][field]):
                yield f"{name}.{field} changed its type"
        for field in set(new.get("required", ())) - set(old.get("properties", {})):
            yield f"{name}.{field} is new and has no default"


def types_of(shape: dict[str, Any]) -> set[str]:
    return {str(each.get("type", each.get("$ref", each.get("const", "any")))) for each in shape.get("anyOf", [shape])}


def write_schemas() -> None:
    """Freeze the schemas of types that have none yet; never overwrites."""
    (HERE / "schemas").mkdir(exist_ok=True)
    for event in TYPES:
        path = HERE / "schemas" / f"{event.type}.json"
        if not path.exists():
            path.write_text(json.dumps(schema_of(event), indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def test_the_evolution_check_sees_a_break() -> None:
    before = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert list(breaks(before, {"properties": {}}))
    assert list(breaks(before, {"properties": {"a": {"type": "integer"}}}))
    assert list(breaks(before, {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a", "b"]}))
    assert not list(breaks(before, {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}))


def test_names_that_left_the_process_stay() -> None:
    """A renamed reaction would run again for what its old name has handled; a renamed queue would lose messages."""
    frozen = yaml.safe_load((HERE / "names.yaml").read_text())
    assert names_now() == frozen, "names are append-only: add new ones to names.yaml, change none"


def names_now() -> dict[str, Any]:
    return {
        "queues": sorted(queue for service in all_services() for queue in queues_of(service, Names("relata"))),
        "reactions": {r.name: r.order for service in all_services() for r in service.reactions},
        "events": sorted(event.type for event in TYPES),
    }


def test_the_asyncapi_document_is_valid() -> None:
    schema = json.loads((HERE / "asyncapi-3.0.0.schema.json").read_text())
    jsonschema.validate(asyncapi_document(all_services()), schema)
    assert yaml.safe_load(asyncapi_yaml(all_services()))["asyncapi"] == "3.0.0"


def test_a_reaction_only_hears_types_that_somebody_emits() -> None:
    known = {event.type for event in TYPES}
    for service in all_services():
        for reaction in service.reactions:
            assert reaction.types <= known, reaction.name


def test_generated_docs_are_up_to_date() -> None:
    assert out_of_date() == [], "run `make docs`"
