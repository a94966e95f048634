"""``make docs``: writes what is generated. ``--check`` says what is out of date and changes nothing."""

import sys
from pathlib import Path

from deploy.asyncapi import asyncapi_yaml, events_page
from deploy.installation import all_services

DOCS = Path(__file__).resolve().parent.parent / "docs"


def generated() -> dict[Path, bytes]:
    """Every generated file with its present contents."""
    services = all_services()
    return {DOCS / "events.md": events_page(services).encode(), DOCS / "asyncapi.yaml": asyncapi_yaml(services)}


def out_of_date() -> list[str]:
    """The generated files that differ from what is committed."""
    return [path.name for path, body in generated().items() if not path.exists() or path.read_bytes() != body]


def main() -> None:
    """Write, or check."""
    if "--check" in sys.argv:
        stale = out_of_date()
        sys.exit(f"out of date, run `make docs`: {', '.join(stale)}" if stale else 0)
    for path, body in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


if __name__ == "__main__":
    main()
