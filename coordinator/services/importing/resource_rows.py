"""A clinic file's people, rooms, devices and groups as rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator import times
from coordinator.files import clinics as files
from coordinator.files.values import WEEKDAYS, DayPart
from coordinator.files.values import Absence as AbsentDays
from coordinator.models import (
    Absence,
    Capability,
    Device,
    Group,
    HoursException,
    Location,
    Place,
    Practitioner,
    Resource,
    ResourceKind,
    Room,
    WorkingHours,
)
from coordinator.services import absence_days
from coordinator.services.importing import group_hours
from coordinator.services.importing.rows import change, flush

STEP_FREE = "step-free"
"""The capability of rooms without steps, which those patients' steps ask for who need it."""


def write(session: Session, file: files.Clinic) -> list[str]:
    """Bring people, rooms, devices and groups in line with the file. Flushes.

    Gives the keys of those that the file no longer has: they stay, out of use, with what is booked on them.
    """
    writer = _Writer(session, file)
    for practitioner in file.practitioners:
        writer.practitioner(practitioner)
    for kind, rooms in ((Room, file.rooms), (Device, file.devices)):
        for room in rooms:
            writer.rooms(kind, room)
    flush(session)
    for group in file.groups:
        writer.group(group)
    flush(session)
    return writer.retire()


class _Writer:
    """Writes one file's resources, in their order."""

    def __init__(self, session: Session, file: files.Clinic) -> None:
        self.session, self.file = session, file
        self.capabilities = {row.key: row for row in session.scalars(select(Capability))}
        self.locations = {row.key: row for row in session.scalars(select(Location))}
        self.opening = {location.key: location.opening for location in file.locations}
        self.groups = {row.key: row for row in session.scalars(select(Group))}
        parts = (Resource.capabilities, Resource.hours, Resource.exceptions, Resource.absences)
        found = select(Resource).where(Resource.kind != ResourceKind.PATIENT)
        loaded = session.scalars(found.options(*(selectinload(part) for part in parts)))
        self.resources: dict[str, Resource] = {row.key: row for row in loaded}
        self.written: dict[str, Resource] = {}

    def _resource(
        self, kind: type[Resource], key: str, capabilities: Iterable[str], **values: Any
    ) -> Resource:
        """The row of one resource: made, or brought in line."""
        row = self.resources.get(key) or kind(key=key)
        change(
            row,
            active=True,
            position=len(self.written),
            capabilities=[self.capabilities[name] for name in sorted(set(capabilities))],
            **values,
        )
        self.session.add(row)
        self.written[key] = row
        return row

    def practitioner(self, file: files.Practitioner) -> None:
        """One practitioner, kept free for the groups they lead."""
        led = [group for group in self.file.groups if file.key in group.led_by]
        hours = group_hours.of_practitioner(file, led)
        zones = self._zones(file)
        declared = file.model_dump(mode="json", by_alias=True, include={"hours", "exceptions"})
        self._resource(
            Practitioner,
            file.key,
            file.capabilities,
            **{name: getattr(file, name) for name in ("name", "email", "phone", "language")},
            title=file.title or "",
            setup_minutes=file.setup_minutes,
            cleaning_minutes=file.cleaning_minutes,
            hours=[self._hours(each) for each in hours],
            exceptions=[self._exception(each, led) for each in file.exceptions],
            absences=[_absence(each, zones) for each in file.absences],
            facts=declared if led else {},
        )

    def rooms(self, kind: type[Resource], file: files.Room) -> None:
        """One room or device, or all that an entry with a count stands for."""
        held = any(group.room in dict(file.each()) for group in self.file.groups)
        declared = {"hours": file.model_dump(mode="json", include={"hours"})["hours"]} if held else {}
        for key, name in file.each():
            hours = group_hours.of_room(key, file, self.opening[file.location], self.file.groups)
            self._resource(
                kind,
                key,
                [*file.capabilities, *([STEP_FREE] if file.step_free and kind is Room else [])],
                name=name,
                location_id=self.locations[file.location].id,
                setup_minutes=file.setup_minutes,
                cleaning_minutes=file.cleaning_minutes,
                hours=[self._hours(each) for each in hours],
                absences=[_absence(each, [self._zone(file.location)]) for each in file.closures],
                facts={"step_free": file.step_free} | declared,
            )

    def group(self, file: files.Group) -> None:
        """One group with its places, which are gone while a leader or the room is."""
        busy = [self.written[key] for key in (*file.led_by, *([file.room] if file.room else []))]
        row = self.groups.get(file.key) or Group(key=file.key)
        change(
            row,
            name=file.name,
            location_id=self.locations[file.location].id,
            capability_key=file.capability,
            capacity=file.capacity,
            hours=file.hours.model_dump(),
            room_id=self.written[file.room].id if file.room else None,
            leader_ids=[self.written[key].id for key in file.led_by],
        )
        self.session.add(row)
        flush(self.session)
        for number, key in enumerate(file.places(), start=1):
            place = self._resource(
                Place,
                key,
                [file.capability],
                name=f"{file.name}, place {number}",
                location_id=row.location_id,
                hours=[WorkingHours(location_id=row.location_id, days=row.hours, only=[])],
                absences=[
                    Absence(starts_at=gone.starts_at, ends_at=gone.ends_at, why=gone.why)
                    for resource in busy
                    for gone in resource.absences
                ],
            )
            change(place, group_id=row.id)

    def retire(self) -> list[str]:
        """Put out of use what the file no longer has."""
        gone = [row for key, row in self.resources.items() if key not in self.written and row.active]
        for row in gone:
            row.active = False
        flush(self.session)
        return sorted(row.key for row in gone)

    def _hours(self, file: files.WorkingHours) -> WorkingHours:
        return WorkingHours(
            location_id=self.locations[file.location].id,
            days=file.days.model_dump(),
            only=list(file.only),
            valid_from=file.first_day,
            valid_until=file.last_day,
        )

    def _exception(self, file: files.HoursException, led: Sequence[files.Group]) -> HoursException:
        day = WEEKDAYS.index(times.weekday(file.day))
        taken: list[DayPart] = [part for group in led for part in group.hours.on(day)]
        spans = [str(part) for part in group_hours.cut_parts(file.hours, taken)]
        return HoursException(location_id=self.locations[file.location].id, on_date=file.day, spans=spans)

    def _zone(self, location: str) -> times.Zone:
        return times.zone(self.locations[location].timezone)

    def _zones(self, file: files.Practitioner) -> list[times.Zone]:
        """The zones of the locations where somebody works; without hours, those of all locations."""
        return [self._zone(key) for key in sorted({hours.location for hours in file.hours} or self.locations)]


def _absence(file: AbsentDays, zones: list[times.Zone]) -> Absence:
    starts_at, ends_at = absence_days.instants(file.first_day, file.last_day, zones)
    return Absence(starts_at=starts_at, ends_at=ends_at, why=file.why or "")
