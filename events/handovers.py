"""How far a handover has got in one service; sales and activities tell it of themselves in the same words."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from chassis.event import Event


class Moved(BaseModel):
    """Records of one kind: ``found`` open at the start, ``moved`` so far, ``returned`` by an undo, ``kept`` because
    somebody has given them to somebody else since.
    """

    model_config = ConfigDict(frozen=True)

    found: int = 0
    moved: int = 0
    returned: int = 0
    kept: int = 0


class HandoverProgress(BaseModel):
    """``counts`` by kind of record (``account``, ``lead`` …). ``done``: nothing of this phase is left to do here."""

    model_config = ConfigDict(frozen=True)

    id: str
    phase: Literal["moving", "returning"]
    done: bool
    counts: dict[str, Moved]


class AboutProgress(Event):
    """Base of what each service says about the handover; the subject is the handover itself."""

    handover: HandoverProgress

    @property
    def subject(self) -> str:
        return f"handover:{self.handover.id}"
