"""How long to wait for more before working on what is there.

A transaction costs ten times what one more row in it costs. Who is busy gains by waiting a little longer; who is not
would only be late.
"""

SHORTEST_S = 0.01
LONGEST_S = 0.06


def pause_s(last: int, *, patience_s: float = 0.0) -> float:
    """Seconds to let a batch gather, by how many were in the last one: 10 ms for each, up to 60 ms.

    ``patience_s`` is how long it may be in any case.
    """
    return max(patience_s, min(LONGEST_S, SHORTEST_S * max(1, last)))
