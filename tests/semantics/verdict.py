"""Compares what the taker's tables hold with what the sequential model says they must hold."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import Table, select

from chassis.event import Envelope, decode
from chassis.outbox import outbox
from chassis.service import Node
from tests.semantics.model import Story, every_one_once, in_sequence, newest
from tests.semantics.shop import ANY, LATEST, SLOW, collected, followed, mirrored, mirrorings, pondered


def check_effects(taker: Node, story: Story) -> None:
    """Every reaction's effects, event by event and in order; raises AssertionError that names the first difference."""
    assert sorted(_labels(taker, collected)) == every_one_once(story, ANY)
    assert _by_subject(taker, followed) == in_sequence(story)
    with taker.read() as tx:
        states = {row.subject: row.label for row in tx.execute(select(mirrored))}
    assert states == newest(story, LATEST)
    _check_never_backwards(taker)


def check_slow(taker: Node, story: Story) -> None:
    """The effects of the reaction that has its own queue."""
    assert sorted(_labels(taker, pondered)) == every_one_once(story, SLOW)


def check_emitted(shop: Node, taker: Node, story: Story) -> None:
    """Both outboxes: numbered without gap or twin, and each event of the taker tells what caused it."""
    told = _outbox(shop)
    assert {event.id for event in told} == {event.id for event in story.events}
    _check_numbers(told)
    answers = _outbox(taker)
    _check_numbers(answers)
    causes = {event.id: event for event in story.events}
    assert Counter(answer.data["label"] for answer in answers) == Counter(every_one_once(story, ANY))
    for answer in answers:
        cause = causes[answer.causation_id or ""]
        assert answer.data["label"] == cause.data["label"]
        assert (answer.correlation_id, answer.actor) == (cause.correlation_id, cause.actor)


def _check_never_backwards(taker: Node) -> None:
    with taker.read() as tx:
        rows = tx.execute(select(mirrorings.c.subject, mirrorings.c.sequence).order_by(mirrorings.c.place)).all()
    seen: dict[str, list[int]] = defaultdict(list)
    for subject, sequence in rows:
        seen[subject].append(sequence)
    backwards = {subject: numbers for subject, numbers in seen.items() if any(b <= a for a, b in pairwise(numbers))}
    assert backwards == {}


def _check_numbers(told: Sequence[Envelope]) -> None:
    numbers: dict[str, list[int]] = defaultdict(list)
    for event in told:
        numbers[event.subject].append(event.sequence)
    for subject, found in numbers.items():
        assert found == list(range(1, len(found) + 1)), subject


def _outbox(node: Node) -> list[Envelope]:
    with node.read() as tx:
        return [decode(body) for body in tx.scalars(select(outbox.c.envelope).order_by(outbox.c.position))]


def _labels(taker: Node, effects: Table) -> list[str]:
    with taker.read() as tx:
        return list(tx.scalars(select(effects.c.label).order_by(effects.c.place)))


def _by_subject(taker: Node, effects: Table) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    with taker.read() as tx:
        for subject, label in tx.execute(select(effects.c.subject, effects.c.label).order_by(effects.c.place)):
            found[subject].append(label)
    return dict(found)
