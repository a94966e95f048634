"""What the pages for people say: their links, the commands, routes and settings they name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "services").glob("*/README.md")),
    *sorted(ROOT.glob("*/README.md")),
]

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Said:
    """Something a page says."""

    page: Path
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.text}"


def links() -> Iterator[Said]:
    """Every link to something of our own."""
    for page in PAGES:
        for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
            if not re.match(r"[a-z]+:", target):
                yield Said(page, target)


def shell_blocks(page: Path) -> list[str]:
    """The shell lines that a page shows."""
    return _BLOCK.findall(page.read_text(encoding="utf-8"))


def spans() -> Iterator[Said]:
    """Everything set as code: in the midst of a sentence, or a line of a shell block."""
    for page in PAGES:
        for text in _SPAN.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
            yield Said(page, text)
        for block in shell_blocks(page):
            for line in block.splitlines():
                yield Said(page, line.partition(" #")[0].strip())


def commands(program: str) -> list[Said]:
    """Everything set as code that calls this program."""
    return [said for said in spans() if said.text.startswith(f"{program} ")]
