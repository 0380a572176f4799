"""The classes of groups on one date: when, who leads, where, and how many places are taken."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import Group, Place
from coordinator.services import taken
from coordinator.services.presence import SiteDay


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupClass:
    """One class of a group."""

    group: Group
    starts_at: datetime
    ends_at: datetime
    taken: int
    """Places that are taken at its start."""

    @property
    def resource_ids(self) -> list[int]:
        """The leaders and the room, who are kept free for it."""
        room = [self.group.room_id] if self.group.room_id is not None else []
        return [*self.group.leader_ids, *room]


def of_day(session: Session, site: SiteDay) -> list[GroupClass]:
    """All classes at a location on a date, by time."""
    query = select(Group).where(Group.location_id == site.location.id).order_by(Group.id)
    groups = session.scalars(query).all()
    counts = _taken(session, groups, site)
    made = [
        GroupClass(group=group, starts_at=begin, ends_at=end, taken=counts[group.id, begin])
        for group in groups
        for begin, end in site.weekly(group.hours)
    ]
    return sorted(made, key=lambda each: (each.starts_at, each.group.id))


def _taken(session: Session, groups: Sequence[Group], site: SiteDay) -> Counter[tuple[int, datetime]]:
    query = select(Place).where(Place.group_id.in_([group.id for group in groups]))
    group_of = {place.id: place.group_id for place in session.scalars(query)}
    counts: Counter[tuple[int, datetime]] = Counter()
    hours = {group.id: site.weekly(group.hours) for group in groups}
    for claim in taken.claims_between(session, list(group_of), *site.span):
        group_id = group_of[claim.resource_id]
        for begin, end in hours[group_id]:
            counts[group_id, begin] += claim.starts_at < end and claim.ends_at > begin
    return counts
