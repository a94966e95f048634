"""Files that never change under their name: a hash of the content is part of it, so browsers keep them for a year."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.responses import Response
from starlette.types import Scope

_FOLDER = Path(__file__).parent / "static"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class StaticFile:
    """A file as browsers get it."""

    media_type: str
    content: bytes

    @cached_property
    def packed(self) -> bytes:
        """The same in a third of the bytes."""
        return gzip.compress(self.content, mtime=0)


class StaticFiles:
    """The files under ``static/``, by their names with the hash."""

    def __init__(self, prefix: str, folder: Path = _FOLDER) -> None:
        """``prefix``: where they are served, ``/app/static``."""
        self._files: dict[str, StaticFile] = {}
        self._addresses: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix not in _MEDIA_TYPES:
                continue
            content = path.read_bytes()
            name = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
            self._files[name] = StaticFile(_MEDIA_TYPES[path.suffix], content)
            self._addresses[path.name] = f"{prefix}/{name}"

    def address(self, name: str) -> str:
        """Where browsers find this file: ``console.css`` is at ``/app/static/console.<hash>.css``."""
        return self._addresses[name]

    def answer(self, name: str, scope: Scope) -> Response | None:
        """The file of this name, packed for those who can unpack it; None when there is none."""
        file = self._files.get(name)
        if file is None:
            return None
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        if any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]):
            return Response(file.packed, media_type=file.media_type, headers={**headers, "Content-Encoding": "gzip"})
        return Response(file.content, media_type=file.media_type, headers=headers)
