"""How long a batch gathers."""

from chassis.gather import pause_s


def test_who_is_idle_is_not_late_and_who_is_busy_waits_for_more():
    assert pause_s(0) == pause_s(1) == 0.01
    assert pause_s(3) == 0.03
    assert pause_s(6) == pause_s(500) == 0.06


def test_who_only_keeps_the_books_waits_as_long_as_it_may():
    assert pause_s(1, patience_s=0.25) == pause_s(100, patience_s=0.25) == 0.25
