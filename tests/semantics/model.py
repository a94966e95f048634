"""What must be true in the end: a sequential model that knows nothing of batches, retries, replicas or tables."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from chassis.event import Envelope
from tests.semantics.shop import NAMED_BY_STRICT, STRICT

NAMED = {cls.type for cls in NAMED_BY_STRICT}
FOR_EVER = ("broken", "refuses", "kills:9")


@dataclass
class Story:
    """What the emitter told and what people decided. ``gone_over``: ids that an operator gave up waiting for."""

    events: list[Envelope] = field(default_factory=list)
    healed: set[str] = field(default_factory=set)
    dropped: set[tuple[str, str]] = field(default_factory=set)
    gone_over: set[str] = field(default_factory=set)

    def is_blocked(self, event: Envelope, reaction: str) -> bool:
        """Whether this reaction can never handle this event, as things are."""
        return event.data["fates"].get(reaction) in FOR_EVER and event.data["label"] not in self.healed

    def takes_effect(self, event: Envelope, reaction: str) -> bool:
        """Whether it succeeds in the end, its order apart."""
        return not self.is_blocked(event, reaction) and (event.id, reaction) not in self.dropped

    def subjects(self) -> dict[str, list[Envelope]]:
        """Every subject's events in sequence."""
        found: dict[str, list[Envelope]] = defaultdict(list)
        for event in sorted(self.events, key=lambda event: event.sequence):
            found[event.subject].append(event)
        return found


def every_one_once(story: Story, reaction: str) -> list[str]:
    """``any``: the labels of all events that succeed, sorted."""
    return sorted(labels(event for event in story.events if story.takes_effect(event, reaction)))


def newest(story: Story, reaction: str) -> dict[str, str]:
    """``latest``: by subject the label of the highest sequence that succeeds."""
    found = {}
    for subject, events in story.subjects().items():
        for event in events:
            if story.takes_effect(event, reaction):
                found[subject] = event.data["label"]
    return found


def in_sequence(story: Story, reaction: str = STRICT) -> dict[str, list[str]]:
    """``strict``: by subject the labels in sequence, up to the first event that is parked."""
    found = {}
    for subject, events in story.subjects().items():
        effective: list[Envelope] = []
        for event in events:
            if event.type not in NAMED or event.id in story.gone_over or (event.id, reaction) in story.dropped:
                continue
            if story.is_blocked(event, reaction):
                break
            effective.append(event)
        if effective:
            found[subject] = labels(effective)
    return found


def labels(events: Iterable[Envelope]) -> list[str]:
    """Their labels, in the given order."""
    return [event.data["label"] for event in events]
