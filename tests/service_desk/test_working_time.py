"""Working time: across nights, weekends, holidays and changes of clocks, hypothesis looks for a minute that is lost."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.service_desk.sla_policies.working_time import WorkingTime

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = ((480, 720), (780, 1020))
WEEK = (*([OFFICE] * 5), ((480, 720),), ())
# The fourth of November is a Wednesday; the Saturday after it is worked like a Monday.
HOURS = WorkingTime(VIETNAM, WEEK, {date(2026, 11, 4): None, date(2026, 11, 7): 0})
ALWAYS = WorkingTime(VIETNAM, (((0, 1440),),) * 7)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in Vietnam."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM).astimezone(UTC)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_a_promise_runs_in_working_hours_only() -> None:
    assert HOURS.after(at(2, 9), hours(2)) == at(2, 11)
    assert HOURS.after(at(2, 11), hours(2)) == at(2, 14)  # over lunch
    assert HOURS.after(at(2, 16), hours(2)) == at(3, 9)  # over night
    assert HOURS.after(at(3, 16), hours(2)) == at(5, 9)  # over the holiday
    assert HOURS.after(at(6, 16), hours(6)) == at(7, 14)  # this Saturday is worked like a Monday, to the evening
    assert HOURS.after(at(13, 16), hours(6)) == at(16, 9)  # over a Saturday morning and the Sunday
    assert HOURS.after(at(1, 12), hours(1)) == at(2, 9)  # it came on a Sunday
    assert HOURS.after(at(2, 5), timedelta()) == at(2, 5)


def test_time_between_two_moments_leaves_out_what_is_closed() -> None:
    assert HOURS.between(at(2, 9), at(2, 14)) == hours(4)
    assert HOURS.between(at(3, 16), at(5, 9)) == hours(2)
    assert HOURS.between(at(7, 17), at(9, 8)) == timedelta()
    assert HOURS.between(at(3, 9), at(2, 9)) == timedelta()
    assert ALWAYS.between(at(2, 9), at(9, 9)) == timedelta(days=7)


def test_a_day_on_which_clocks_change_has_the_hours_it_has() -> None:
    berlin = WorkingTime(ZoneInfo("Europe/Berlin"), (((0, 1440),),) * 7)
    day = datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Berlin"))
    assert berlin.between(day, day + timedelta(days=1)) == hours(25)
    spring = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin"))
    assert berlin.between(spring, spring + timedelta(days=1)) == hours(23)


def test_a_calendar_that_is_closed_for_ever_is_not_walked_for_ever() -> None:
    never = WorkingTime(VIETNAM, ((),) * 7)
    assert never.after(at(2, 9), hours(1)) == at(2, 9)


spans = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(
    lambda cuts: tuple(zip(*[iter(sorted(cuts)[: len(cuts) // 2 * 2])] * 2, strict=True))
)
weeks = st.tuples(*[spans | st.just(())] * 7).filter(lambda week: sum(b - a for day in week for a, b in day) >= 60)
days = st.dates(date(2026, 10, 1), date(2027, 2, 1))
calendars = st.builds(
    WorkingTime,
    st.sampled_from([VIETNAM, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("UTC")]),
    weeks,
    st.dictionaries(days, st.none() | st.integers(0, 6), max_size=8),
)
moments = st.datetimes(datetime(2026, 10, 20), datetime(2026, 12, 31)).map(  # noqa: DTZ001
    lambda naive: naive.replace(microsecond=0, tzinfo=UTC)
)
amounts = st.integers(1, 60 * 60 * 40).map(lambda seconds: timedelta(seconds=seconds))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(calendars, moments, amounts, amounts)
def test_no_minute_is_lost_or_counted_twice(
    hours: WorkingTime, start: datetime, one: timedelta, two: timedelta
) -> None:
    due = hours.after(start, one)
    assert hours.between(start, due) == one
    assert hours.between(start, due - timedelta(seconds=1)) < one
    assert hours.after(due, two) == hours.after(start, one + two)
    assert hours.between(start, due) + hours.between(due, due + two) == hours.between(start, due + two)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(calendars, moments, amounts, st.integers(0, 60 * 60 * 24 * 9))
def test_standing_still_costs_nothing(hours: WorkingTime, start: datetime, amount: timedelta, wait_s: int) -> None:
    due = hours.after(start, amount)
    stops = start + (due - start) / 2
    stops = stops.replace(microsecond=0)
    left = hours.between(stops, due)
    goes_on = stops + timedelta(seconds=wait_s)
    later = hours.after(goes_on, left)
    assert later >= due
    assert hours.between(start, stops) + hours.between(goes_on, later) == amount
