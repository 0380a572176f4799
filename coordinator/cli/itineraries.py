"""A whole plan with its times, as JSON and in words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coordinator import language, times
from coordinator.models import Appointment, Proposal
from coordinator.services import finding, named
from coordinator.services.free_time import resource_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One step with its time; ``uses`` names what each phase takes, as problem and answer file do."""

    appointment: int | None
    step: str
    title: str
    starts_at: datetime
    ends_at: datetime
    uses: list[list[str]]

    def as_plain(self) -> dict[str, Any]:
        """Plain values."""
        times_ = {"start": self.starts_at.isoformat(), "end": self.ends_at.isoformat()}
        number = {"id": self.appointment} if self.appointment else {}
        return number | {"step": self.step} | times_ | {"uses": self.uses}

    def in_words(self, zone: times.Zone) -> str:
        """One line."""
        begin, end = times.to_wall(self.starts_at, zone), times.to_wall(self.ends_at, zone)
        who = ", ".join(dict.fromkeys(resource_key(name) for names in self.uses for name in names))
        number = f"{self.appointment or '':>6}  "
        return f"{number}{begin:%a %Y-%m-%d %H:%M}-{end:%H:%M}  {self.title} ({self.step})  {who}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Itinerary:
    """All stops of a plan, in one location; ``plan`` is None where nothing was booked."""

    plan: int | None
    location: str
    timezone: str
    cost: int
    stops: Sequence[Stop]

    def as_json(self) -> str:
        """For programs."""
        stops = [stop.as_plain() for stop in self.stops]
        plain = {"plan": self.plan, "location": self.location, "cost": self.cost, "appointments": stops}
        return json.dumps(plain)

    def in_words(self) -> str:
        """For people: a line a stop, by the location's clocks."""
        head = f"Plan {self.plan} is booked" if self.plan else "The best way; nothing is booked"
        head += f": {len(self.stops)} appointments at {self.location}, cost {self.cost}."
        zone = times.zone(self.timezone)
        return "\n".join([head, *(stop.in_words(zone) for stop in self.stops)])


def of_appointments(plan_id: int, cost: int, appointments: Sequence[Appointment]) -> Itinerary:
    """What was booked."""
    place = appointments[0].location
    stops = [
        Stop(
            appointment=row.id,
            step=row.step.key,
            title=language.pick(row.step.title, "en"),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            uses=_uses(row),
        )
        for row in appointments
    ]
    return Itinerary(plan=plan_id, location=place.key, timezone=place.timezone, cost=cost, stops=stops)


def _uses(row: Appointment) -> list[list[str]]:
    uses: list[list[str]] = [[] for _ in (row.step.therapy.phases if row.step.therapy else ())]
    for each in sorted(row.attendances, key=lambda each: (each.phase, each.need)):
        uses[each.phase].append(each.used_as)
    return uses


def of_proposal(session: Any, proposal: Proposal) -> Itinerary:
    """What could be booked."""
    place = named.location_row(session, proposal.location_id)
    placed = finding.placements(proposal)
    stops = [
        Stop(
            appointment=None,
            step=each.key,
            title=language.pick(each.title, "en"),
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            uses=[list(names) for names in placed[each.key].uses],
        )
        for each in finding.itinerary(session, proposal)
    ]
    return Itinerary(plan=None, location=place.key, timezone=place.timezone, cost=proposal.cost, stops=stops)
