"""What the semantics ask of the published events."""

import json
from collections import defaultdict
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "events" / "examples"


def test_all_events_of_a_subject_reach_a_strict_reaction_that_names_one_of_them() -> None:
    # A strict reaction hears every type of its nouns. If events of one subject were of two nouns, it would miss some
    # of them, see gaps in the sequence and wait.
    nouns: dict[tuple[str, str], set[str]] = defaultdict(set)
    for file in EXAMPLES.glob("*.json"):
        event = json.loads(file.read_text())
        owner, noun, *_ = event["type"].split(".")
        nouns[owner, event["subject"].partition(":")[0]].add(noun)
    assert nouns
    assert {key: found for key, found in nouns.items() if len(found) > 1} == {}
