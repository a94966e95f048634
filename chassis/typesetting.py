"""PDFs from Typst templates, set in a process of their own: one that takes too long is ended, and holds no thread.

Texts are handed over as data, so nothing in them is ever read as markup, and the process gets no environment.
Only HTTP faces set documents: never a worker, whose heartbeats would wait.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chassis.errors import Unavailable
from chassis.i18n import say

WITHIN_S = 15.0
AT_ONCE = 2
_SCRIPT = Path(__file__).with_name("typesetter.py")


class Typesetter:
    """Sets at most two documents at once in this process; others wait for their turn, no longer than one may take."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def pdf(self, template: str, values: Mapping[str, Any], *, within_s: float = WITHIN_S) -> bytes:
        """The document; raises Unavailable when it is not there in time."""
        order = json.dumps({"template": template, "values": json.dumps(values)})
        try:
            async with asyncio.timeout(within_s), self._turns:
                return await _run(order.encode())
        except TimeoutError:
            message = say("The document could not be made in time. Try again shortly.")
            raise Unavailable(message, headers={"Retry-After": "5"}) from None


async def _run(order: bytes) -> bytes:
    # -I and -S would hide the packages; the empty environment hides our secrets.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        str(_SCRIPT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={},
    )
    try:
        made, said = await process.communicate(order)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"the document could not be set: {said.decode(errors='replace')[-500:]}")
    return made
