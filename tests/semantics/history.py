"""Histories to try: what the emitter tells, how a broker could bring it, when processes die, what operators do."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.semantics.shop import ANY, LATEST, STRICT

SUBJECTS = ("ant", "bee", "cat")
SMALL = st.integers(0, 40)


@dataclass(frozen=True)
class Crash:
    """The process dies at its n-th commit from now: just before it, or just after."""

    commits: int
    after: bool


@dataclass(frozen=True)
class Fact:
    """One event to emit: which subject, which of the three types, what becomes of it in which reaction."""

    subject: str
    kind: int
    fates: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Emit:
    """One transaction of the emitter, which may be rolled back."""

    facts: tuple[Fact, ...]
    rolled_back: bool = False


@dataclass(frozen=True)
class Send:
    """The relay sends a batch; the bus refuses those at these places of the batch."""

    refused: frozenset[int] = frozenset()
    crash: Crash | None = None


@dataclass(frozen=True)
class Twin:
    """The broker holds this message twice."""

    pick: int


@dataclass(frozen=True)
class Deliver:
    """These messages (by their places among what the broker holds) arrive as one batch, in this order."""

    picks: tuple[int, ...]
    crash: Crash | None = None


@dataclass(frozen=True)
class RunDue:
    """A day passes and the inbox is run."""

    limit: int
    crash: Crash | None = None


@dataclass(frozen=True)
class Heal:
    """Somebody repairs what was wrong with one event."""

    pick: int


@dataclass(frozen=True)
class Operate:
    """An operator replays or drops one of the parked."""

    replays: bool
    pick: int


@dataclass(frozen=True)
class ParkGaps:
    """Patience is over."""


Step = Emit | Send | Twin | Deliver | RunDue | Heal | Operate | ParkGaps

crashes = st.one_of(st.none(), st.none(), st.builds(Crash, st.integers(1, 4), st.booleans()))
fates = st.sampled_from(["fails:1", "fails:3", "broken", "refuses", "kills:1", "kills:9"])
_troubled = st.lists(st.tuples(st.sampled_from([ANY, LATEST, STRICT, STRICT]), fates), min_size=1, max_size=2)
facts = st.builds(
    Fact,
    st.sampled_from(SUBJECTS),
    st.sampled_from([0, 0, 1, 1, 2]),
    st.one_of(st.just(()), st.just(()), _troubled.map(lambda pairs: tuple(dict(pairs).items()))),
)
emits = st.builds(Emit, st.lists(facts, min_size=2, max_size=6).map(tuple), st.sampled_from([False] * 5 + [True]))
sends = st.builds(Send, st.frozensets(st.integers(0, 6), max_size=2), crashes)
delivers = st.builds(Deliver, st.lists(SMALL, min_size=1, max_size=8).map(tuple), crashes)
runs = st.builds(RunDue, st.sampled_from([1, 3, 100]), crashes)
operations = st.builds(Operate, st.booleans(), SMALL)

_singles = st.one_of(
    emits, sends, delivers, delivers, runs, operations, st.builds(Twin, SMALL), st.builds(Heal, SMALL)
).map(lambda step: [step])  # fmt: skip
# Something arrives before its predecessor, patience ends, and an operator may decide. By chance this is rare.
_gaps = st.tuples(delivers, st.just(ParkGaps()), st.lists(st.one_of(operations, delivers), max_size=3)).map(
    lambda scene: [scene[0], scene[1], *scene[2]]
)
_scenes: st.SearchStrategy[list[Step]] = st.one_of(_singles, _singles, _gaps)


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """A beginning that gives the rest something to work on, then anything in any order."""
    beginning: list[Step] = [draw(emits), draw(emits), draw(emits), Send(), Send(), Send()]
    scenes = draw(st.lists(_scenes, min_size=8, max_size=20))
    return beginning + [step for scene in scenes for step in scene]
