"""Which upstream answers a path: the longest prefix of whole segments, spelled exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Target:
    """An upstream and the prefix that led to it. ``is_own``: the gateway's own routes."""

    prefix: str
    app: ASGIApp
    is_own: bool = False


class Routes:
    """A table of prefixes such as ``/leads``, as they stand after ``/api/v1``."""

    def __init__(self, own: ASGIApp, own_prefixes: Sequence[str], upstreams: Mapping[str, ASGIApp]) -> None:
        self._table = {API + prefix: Target(prefix, app) for prefix, app in upstreams.items()}
        for prefix in own_prefixes:
            self._table[API + prefix] = Target(prefix, own, is_own=True)

    def find(self, path: str) -> Target | None:
        """The target of this path; None when nothing is there."""
        end = len(path)
        while end > len(API):
            target = self._table.get(path[:end])
            if target is not None:
                return target
            end = path.rfind("/", 0, end)
        return None

    def upstreams(self) -> list[tuple[ASGIApp, list[str]]]:
        """Every upstream once with its prefixes, our own first."""
        found: list[tuple[ASGIApp, list[str]]] = []
        for target in sorted(self._table.values(), key=lambda target: (not target.is_own, target.prefix)):
            for app, prefixes in found:
                if app is target.app:
                    prefixes.append(target.prefix)
                    break
            else:
                found.append((target.app, [target.prefix]))
        return found
