"""Replay and drop: written down first, then asked of the service, then written down what came of it."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.orm import Session

from chassis.context import Context
from chassis.errors import RelataError, Unavailable
from chassis.http import Face
from gateway.flow.model import FlowAct


async def settle_and_note(
    face: Face, context: Context, act: FlowAct, settle: Callable[[], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    """What the service answered; the act stays in the trail whatever that was."""
    act_id = await face.threads.run(lambda: _begin(face, context, act))
    try:
        done = await settle()
    except RelataError as error:
        outcome = "unknown" if isinstance(error, Unavailable) else "refused"
        await face.threads.run(lambda: _end(face, context, act_id, outcome))
        raise
    await face.threads.run(lambda: _end(face, context, act_id, "done" if done["changed"] else "unchanged"))
    return done


def _begin(face: Face, context: Context, act: FlowAct) -> str:
    with face.node.begin(context) as tx:
        tx.add(act)
        tx.flush()
        return act.id


def _end(face: Face, context: Context, act_id: str, outcome: str) -> None:
    with face.node.begin(context) as tx:
        _note(tx, act_id, outcome)


def _note(tx: Session, act_id: str, outcome: str) -> None:
    act = tx.get(FlowAct, act_id)
    if act is not None:
        act.end(outcome)
