"""What sales announces about handovers."""

from typing import ClassVar

from events.handovers import AboutProgress


class HandoverAdvanced(AboutProgress):
    """Some records of a seller who leaves got their new owner, or were given back; the last one says ``done``."""

    type: ClassVar[str] = "sales.handover.advanced.v1"
