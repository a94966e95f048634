"""The machine it runs on: room on the disk, and who may read what is secret."""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from chassis.settings import Settings
from deploy.doctor.finding import Finding, ok, problem, warning

SECRET_FILES = ("secret", "admin-password", "demo.json")
GIB = 1 << 30
SHORT_OF_ROOM, OUT_OF_ROOM = 2 * GIB, GIB // 4


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """Disk and permissions."""
    yield from _room(settings.var)
    secret = [settings.var / name for name in SECRET_FILES if (settings.var / name).exists()]
    readable = [path for path in secret if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    for path in readable:
        yield problem(f"{path} can be read by others", f"chmod 600 {path}")
    if secret and not readable:
        yield ok(f"secrets: {', '.join(path.name for path in secret)} can be read by their owner only")
    if settings.secret is None and not (settings.var / "secret").exists():
        yield warning(
            "no RELATA_SECRET is set and none is kept", "the first start makes one and keeps it under RELATA_VAR"
        )


def _room(folder: Path) -> Iterator[Finding]:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"disk: {free / GIB:.1f} GiB are free under {folder}"
    if free < OUT_OF_ROOM:
        yield problem(text, "make room: without it nothing can be accepted")
    elif free < SHORT_OF_ROOM:
        yield warning(text, "make room soon")
    else:
        yield ok(text)
