"""Weekly hours on real dates: clock changes, holidays, closures, exceptions."""

from datetime import UTC, date, datetime

from coordinator import times
from coordinator.models import Closure, HoursException, Location, WorkingHours
from coordinator.services.hours import Horizon, SiteCalendar

DAYS = {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def a_calendar(first: date, days: int, **fields: object) -> SiteCalendar:
    location = Location(key="here", timezone="America/New_York", opening=DAYS)
    location.closures = []
    for name, value in fields.items():
        setattr(location, name, value)
    start = times.day_start(first, times.zone("America/New_York")).astimezone(UTC)
    return SiteCalendar(location, Horizon(start=start, minutes=days * 24 * 60))


def walls(calendar: SiteCalendar, stretches: list[tuple[int, int]]) -> list[str]:
    return [
        " ".join(
            f"{times.to_wall(calendar.horizon.instant(minute), calendar.zone):%d %H:%M}" for minute in stretch
        )
        for stretch in stretches
    ]


def test_hours_keep_their_wall_time_over_the_clock_change() -> None:
    calendar = a_calendar(date(2026, 10, 31), 3)
    assert walls(calendar, calendar.open) == ["31 08:00 31 18:00", "01 08:00 01 18:00", "02 08:00 02 18:00"]


def test_hours_across_the_change_itself_have_their_real_length() -> None:
    calendar = a_calendar(date(2026, 11, 1), 1, opening={"sun": ["00:00-06:00"]})
    assert [end - begin for begin, end in calendar.open] == [7 * 60]


def test_holidays_and_closures_are_closed() -> None:
    closure = Closure(first_date=date(2026, 11, 24), last_date=date(2026, 11, 25), why="Stocktaking")
    calendar = a_calendar(date(2026, 11, 23), 5, holiday_country="US", closures=[closure])
    assert walls(calendar, calendar.open) == ["23 08:00 23 18:00", "27 08:00 27 18:00"]


def test_an_exception_stands_in_for_the_weeks_hours_on_its_date() -> None:
    calendar = a_calendar(date(2026, 11, 23), 2)
    rows = [WorkingHours(days={"mon": ["08:00-12:00"], "tue": ["08:00-12:00"]}, only=[])]
    other = [HoursException(on_date=date(2026, 11, 24), spans=["14:00-16:00"])]
    assert walls(calendar, calendar.worked(rows, other)) == ["23 08:00 23 12:00", "24 14:00 24 16:00"]


def test_hours_hold_from_their_first_to_their_last_date() -> None:
    calendar = a_calendar(date(2026, 11, 23), 4)
    rows = [WorkingHours(days=DAYS, only=[], valid_from=date(2026, 11, 24), valid_until=date(2026, 11, 25))]
    assert len(calendar.worked(rows, [])) == 2


def test_nobody_works_where_the_location_is_closed() -> None:
    calendar = a_calendar(date(2026, 11, 23), 1)
    rows = [WorkingHours(days={"mon": ["06:00-24:00"]}, only=[])]
    assert walls(calendar, calendar.worked(rows, [])) == ["23 08:00 23 18:00"]


def test_instants_round_outwards_to_minutes() -> None:
    horizon = Horizon(start=datetime(2026, 1, 1, tzinfo=UTC), minutes=100)
    begins, ends = datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC), datetime(2026, 1, 1, 0, 3, 1, tzinfo=UTC)
    assert horizon.stretch(begins, ends) == (1, 4)
