"""docker-compose.yml and the Dockerfile as tests read them: every container with its command and its environment."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deploy.installation import NAMES

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SERVERS = ("postgres", "rabbitmq", "redis")
WATCHERS = ("prometheus", "grafana")

_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")


@dataclass(frozen=True)
class Container:
    """One entry of ``services:``, with what its image adds."""

    name: str
    said: Mapping[str, Any]

    @property
    def is_ours(self) -> bool:
        """Whether it runs our own image."""
        return str(self.said["image"]).startswith("relata:")

    @property
    def command(self) -> Sequence[str]:
        """The whole of it, entry point and arguments."""
        first = self.said.get("entrypoint") or (image()["ENTRYPOINT"] if self.is_ours else [])
        return [*first, *self.said.get("command", [])]

    @property
    def environment(self) -> Mapping[str, str]:
        """The image's own, then what the file adds."""
        own: Mapping[str, str] = image()["ENV"] if self.is_ours else {}
        return {**own, **{name: str(value) for name, value in self.said.get("environment", {}).items()}}

    @property
    def health_check(self) -> Sequence[str]:
        """The command that says whether it is well; empty when there is none."""
        said = self.said.get("healthcheck", {})
        if said.get("disable"):
            return []
        match said.get("test", []):
            case ["CMD", *command]:
                return command
            case ["CMD-SHELL", line]:
                return ["sh", "-c", line]
            case other:
                raise ValueError(f"{self.name}: {other}")

    @property
    def waits_for(self) -> Mapping[str, str]:
        """Other containers, and in which state it wants them."""
        return {name: said["condition"] for name, said in self.said.get("depends_on", {}).items()}

    @property
    def secrets(self) -> Sequence[str]:
        """The files it finds under /run/secrets."""
        return list(self.said.get("secrets", []))


@cache
def compose_file() -> dict[str, Any]:
    """The file, merged and with the variables' defaults filled in."""
    filled = _filled(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    assert isinstance(filled, dict)
    return filled


def containers() -> dict[str, Container]:
    """Every container by name."""
    return {name: Container(name, said) for name, said in compose_file()["services"].items()}


def faces() -> dict[str, tuple[str, ...]]:
    """What must run as a container for the services there are: name and command."""
    wanted: dict[str, tuple[str, ...]] = {"relay": ("relay",), "courier": ("courier",)}
    for service in NAMES:
        name = service.replace("_", "-")  # an underscore has no place in a host's name
        wanted |= {name: ("serve", service), f"{name}-worker": ("work", service)}
    return wanted


@cache
def image() -> dict[str, Any]:
    """ENV, ENTRYPOINT and the like of the Dockerfile's last stage."""
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    last = re.split(r"^FROM .*$", text, flags=re.MULTILINE)[-1]
    lines = [line.split(maxsplit=1) for line in last.splitlines() if line.strip() and not line.startswith("#")]
    found: dict[str, Any] = {"ENV": {}}
    for word, rest in lines:
        if word == "ENV":
            found["ENV"] |= dict(pair.split("=", 1) for pair in rest.split())
        else:
            found[word] = json.loads(rest) if rest.startswith("[") else rest
    return found


def _filled(value: Any) -> Any:
    match value:
        case dict():
            return {name: _filled(each) for name, each in value.items()}
        case list():
            return [_filled(each) for each in value]
        case str():
            return _VARIABLE.sub(lambda found: "$" if found["name"] is None else found["default"] or "", value)
        case other:
            return other
