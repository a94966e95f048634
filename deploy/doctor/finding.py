"""One thing that was looked at."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """What was found, in a line, and what to do where it is not as it should be."""

    level: Level
    what: str
    do: str = ""

    def __str__(self) -> str:
        return f"{self.level:<8} {self.what}" + (f": {self.do}" if self.do else "")


def ok(what: str) -> Finding:
    """As it should be."""
    return Finding("ok", what)


def warning(what: str, do: str) -> Finding:
    """It works, and wants to be looked at."""
    return Finding("warning", what, do)


def problem(what: str, do: str) -> Finding:
    """Something does not work."""
    return Finding("problem", what, do)


def reason(error: BaseException) -> str:
    """Why, in one line."""
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0] if text else type(error).__name__
