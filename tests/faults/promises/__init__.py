"""What is promised, each tried on a real fleet from outside."""

from collections.abc import Callable

from tests.faults.arena import Arena, Finding
from tests.faults.promises.heal import heal
from tests.faults.promises.lost import lost
from tests.faults.promises.order import order
from tests.faults.promises.poison import poison
from tests.faults.promises.redis_lost import redis_lost
from tests.faults.promises.repeated import repeated
from tests.faults.promises.trade import trade

PROMISES: dict[int, Callable[[Arena, int, float], Finding]] = {
    1: lost,
    2: trade,
    3: repeated,
    5: order,
    6: heal,
    9: poison,
    14: redis_lost,
}
