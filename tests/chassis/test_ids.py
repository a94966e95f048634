import time
from uuid import UUID

from chassis.ids import new_id


def test_an_id_is_a_version_7_uuid_in_its_usual_spelling():
    made = new_id()
    read = UUID(made)
    assert str(read) == made
    assert read.version == 7
    assert read.variant == "specified in RFC 4122"


def test_ids_made_in_a_burst_differ_sort_and_are_not_ahead_of_the_clock():
    before = time.time_ns() // 1_000_000
    made = [new_id() for _ in range(20_000)]
    after = time.time_ns() // 1_000_000
    assert len(set(made)) == len(made)
    assert [UUID(each).int >> 80 for each in made] == sorted(UUID(each).int >> 80 for each in made)
    assert before <= UUID(made[0]).int >> 80
    assert UUID(made[-1]).int >> 80 <= after
