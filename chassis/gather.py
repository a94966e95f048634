"""How long to wait for more before working on what is there.

A transaction costs ten times what one more row in it costs. Who is busy gains by waiting a little longer; who is not
would only be late.
"""

SHORTEST_S = 0.01
LONGEST_S = 0.06


def pause_s(last: int) -> float:
    """Seconds to let a batch gather, by how many were in the last one: 10 ms for each, up to 60 ms."""
    return min(LONGEST_S, SHORTEST_S * max(1, last))
