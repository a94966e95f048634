"""Conditional requests: an ETag is the record's version; who writes with an old one is told how it is now."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from chassis.errors import Stale
from chassis.i18n import say

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


class StaleRecord(Stale):
    """412, with the record as it is now in ``current``."""

    def __init__(self, current: BaseModel | dict[str, Any], version: int) -> None:
        super().__init__(
            say("Somebody changed it meanwhile; `current` shows how it is now."), headers={"ETag": etag(version)}
        )
        self.extra = {"current": current}


@dataclass(slots=True, frozen=True)
class IfMatch:
    """The request's ``If-Match``. A route that writes one record takes it as a parameter and calls ``check``."""

    header: str = ""

    def check(self, version: int, current: Callable[[], BaseModel | dict[str, Any]]) -> None:
        """Raise StaleRecord, showing ``current()``, when the caller has seen another version."""
        if self.header and not matches(self.header, etag(version)):
            raise StaleRecord(current(), version)


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def matches(header: str, tag: str) -> bool:
    """Whether a list of entity tags, or ``*``, names this one. Weak tags count: compressing proxies weaken ours."""
    return header.strip() == "*" or tag.strip('"') in _TAG.findall(header)
