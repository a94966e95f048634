"""What pages tell of values, whatever somebody once wrote into them."""

from pathlib import Path

import pytest

import gateway.console
from chassis.i18n import Catalogue
from gateway.console.wording import Wording


@pytest.fixture(scope="module")
def wording() -> Wording:
    messages = Path(gateway.console.__file__).parent / "messages"
    return Wording(Catalogue(messages), "vi", "Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    "written",
    ["2026-13-45T99:99", "2026-01-01T08:00 gọi lại cho khách", "0000-00-00T00:00"],
)
def test_a_text_that_begins_like_a_moment_stays_what_was_written(wording: Wording, written: str) -> None:
    assert wording.value(written, {}) == written


def test_a_moment_is_told_at_the_reader_s_place(wording: Wording) -> None:
    assert wording.value("2026-11-22T20:00:00Z", {}) == "23/11/2026 03:00"


def test_the_first_and_the_last_day_that_there_are_can_be_shown_and_typed(wording: Wording) -> None:
    assert wording.value("9999-12-31T23:59:59Z", {}) == "31/12/9999 23:59"
    assert not wording.is_past("9999-12-31T23:59:59Z")
    assert wording.moment_of("0001-01-01T00:00") is None
    assert wording.moment_of("2026-11-22T08:00") == "2026-11-22T01:00:00Z"
