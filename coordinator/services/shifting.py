"""Shifting a plan: all that has not begun comes some days or minutes sooner or later, in one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import Conflict, Refusal
from coordinator.models import Appointment
from coordinator.scheduling.rules import Violation
from coordinator.services import appointing, rearranging
from coordinator.services.as_booked import AsBooked
from coordinator.services.rearranging import Change, Entry
from coordinator.services.trail import Actor

MOST_DAYS, MOST_MINUTES = 366, 24 * 60
"""A longer way is another plan, or a slip of the pen."""


def shift(
    session: Session,
    plan_id: int,
    *,
    days: int = 0,
    minutes: int = 0,
    version: int | None = None,
    knowingly: bool = False,
    key: str | None = None,
    delay_seconds: int,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Move all appointments of a plan that have not begun, with the people and rooms they have, all or none.

    ``days`` keep the time on the location's clocks, whatever these do between. ``version``: the plan's as the page
    showed it; None (a command): as it is now. Raises NotFound, Conflict where the plan has changed or somebody is not
    free, Refusal with the reasons; what breaks links to steps that have begun is done ``knowingly`` only.
    ``key`` names the request: sent again, it shifts nothing.
    """

    def change() -> Change:
        weighed = _change(session, plan_id, days, minutes, version, now)
        weighed.check(knowingly=knowingly)
        return weighed

    entry = Entry("shift", "plan", plan_id, {"days": days, "minutes": minutes})
    if (wanted := entry.unless_done(session, key, change)) is not None:
        rearranging.carry_out(
            session, [wanted], entry=entry, key=key, delay_seconds=delay_seconds, by=by, now=now
        )
    return appointing.of_plan(session, plan_id)


def weigh(
    session: Session,
    plan_id: int,
    *,
    days: int = 0,
    minutes: int = 0,
    version: int | None = None,
    now: datetime,
) -> tuple[Change, list[Violation]]:
    """What the shift would be, and what it would break of the plan. Raises as ``shift``."""
    change = _change(session, plan_id, days, minutes, version, now)
    return change, change.check(knowingly=True)


def _change(
    session: Session, plan_id: int, days: int, minutes: int, version: int | None, now: datetime
) -> Change:
    if not (days or minutes) or abs(days) > MOST_DAYS or abs(minutes) > MOST_MINUTES:
        raise Refusal("Say by how many days (at most {days}) or minutes the plan is to move.", days=MOST_DAYS)
    booked = AsBooked.read(session, plan_id, lambda each: each.starts_at > now, now=now)
    if version not in {None, booked.version}:
        raise Conflict("This plan has changed since you opened it. Look at it again.")
    if not booked.loose:
        raise Refusal("Every appointment of this plan has begun; nothing is left to move.")
    placed = {}
    for key in booked.loose:
        starts_at = _later(booked.appointments[key].starts_at, days, minutes, booked.zone)
        if starts_at <= now:
            raise Refusal("That time is over, or too soon for anybody to come.")
        placed[key] = replace(booked.plan.booked[key], start=booked.minute(starts_at))
    session.rollback()
    return Change(booked=booked, placed=placed)


def _later(instant: datetime, days: int, minutes: int, zone: times.Zone) -> datetime:
    """The same time on the clocks of the place some days later, then some minutes."""
    if days:
        wall = times.to_wall(instant, zone).replace(tzinfo=None) + timedelta(days=days)
        instant = times.to_instant(wall, zone)
    return instant + timedelta(minutes=minutes)
