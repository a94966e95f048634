"""Which series there are: those of chassis/metrics.py, and what RabbitMQ and Prometheus themselves bring."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from prometheus_client.metrics import MetricWrapperBase

from chassis import metrics
from tests.containers.compose import DEPLOY

_SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
# Of others; tests/containers/test_running.py looks whether the real ones still call them so.
FOREIGN: Mapping[str, frozenset[str]] = {
    "up": frozenset({"job", "instance", "face"}),
    "process_resident_memory_bytes": frozenset({"job", "face"}),
    "process_cpu_seconds_total": frozenset({"job", "face"}),
    "rabbitmq_detailed_queue_messages_ready": frozenset({"queue", "vhost"}),
    "rabbitmq_detailed_queue_consumers": frozenset({"queue", "vhost"}),
    "rabbitmq_alarms_memory_used_watermark": frozenset(),
    "rabbitmq_alarms_free_disk_space_watermark": frozenset(),
}


def series() -> dict[str, frozenset[str]]:
    """Every series by name, with its labels as Prometheus keeps them (a label ``job`` becomes ``exported_job``)."""
    found = dict(FOREIGN)
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            labels = {f"exported_{name}" if name == "job" else name for name in metric._labelnames}
            for suffix in _SUFFIXES[family.type]:
                found[family.name + suffix] = frozenset(labels | ({"le"} if suffix == "_bucket" else set()))
    return found


def named_in(query: str) -> set[str]:
    """The series that a query asks for."""
    words = re.sub(r'"[^"]*"|\{[^}]*\}|\b(?:by|on|without) \([^)]*\)', " ", query)
    return set(re.findall(r"\b(?:relata|rabbitmq|process|python|prometheus)_\w+|\bup\b", words))


def labels_in(query: str) -> set[str]:
    """The labels that it groups by or chooses by."""
    grouped = {name.strip() for group in re.findall(r"by \(([^)]*)\)", query) for name in group.split(",")}
    return grouped | set(re.findall(r"(\w+)(?:=~|!~|!=|=)\"", query))


def alerts() -> list[dict[str, Any]]:
    """Every alert of the rules."""
    said = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
    return [rule for group in said["groups"] for rule in group["rules"]]


def dashboards() -> dict[str, dict[str, Any]]:
    """Every dashboard by its file's name."""
    return {path.name: json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana" / "dashboards").iterdir())}


def queries() -> Iterator[tuple[str, str]]:
    """Every query with where it stands."""
    for alert in alerts():
        yield f"rules.yml: {alert['alert']}", alert["expr"]
    for name, board in dashboards().items():
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", target["expr"]
