"""The clinic as a file: its rules, capabilities, locations and therapies."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.files import clinics as files
from coordinator.files.therapies import Therapy
from coordinator.files.values import Absence, WeekHours
from coordinator.models import Capability, Clinic, Location
from coordinator.models import Therapy as TherapyRow
from coordinator.services.exporting import resource_entries


def of(session: Session) -> files.Clinic | None:
    """The clinic with all that is in use; None where none is set up."""
    clinic = session.scalars(select(Clinic)).one_or_none()
    if clinic is None:
        return None
    query = select(Location).order_by(Location.position, Location.id)
    locations = session.scalars(query.options(selectinload(Location.closures))).all()
    therapies = session.scalars(select(TherapyRow).order_by(TherapyRow.key)).all()
    return files.Clinic(
        name=clinic.name,
        phone=clinic.phone,
        email=clinic.email,
        website=clinic.website,
        country=clinic.country,
        language=clinic.language,
        capabilities=_capabilities(session),
        policy=_policy(clinic),
        locations=tuple(_location(location) for location in locations),
        **resource_entries.of(session, locations),
        therapies=tuple(_therapy(row) for row in therapies if "pathway" not in row.facts),
        sources=clinic.facts.get("sources", {}),
    )


def _capabilities(session: Session) -> tuple[files.Capability, ...]:
    found = session.scalars(select(Capability).order_by(Capability.kind, Capability.key))
    return tuple(files.Capability.model_validate(_columns(row, "key", "kind", "name")) for row in found)


def _columns(row: object, *names: str) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}


def _policy(clinic: Clinic) -> files.Policy:
    names = ("weights", "grid_minutes", "horizon_days", "disclosure", "hold_minutes", "reminder_lead_hours")
    return files.Policy.model_validate(_columns(clinic, *names) | {"quiet_hours": clinic.quiet_hours or None})


def _location(row: Location) -> files.Location:
    names = ("key", "name", "timezone", "address", "phone", "step_free")
    country = {"country": row.holiday_country, "subdivision": row.holiday_subdivision}
    return files.Location.model_validate(
        _columns(row, *names)
        | {
            "directions": row.directions or None,
            "holidays": country if row.holiday_country else None,
            "opening": WeekHours.model_validate(row.opening),
            "closures": _closures(row),
        }
    )


def _closures(row: Location) -> Sequence[Absence]:
    return [
        Absence.model_validate(
            {"from": closure.first_date, "until": closure.last_date, "why": closure.why or None}
        )
        for closure in sorted(row.closures, key=lambda closure: closure.first_date)
    ]


def _therapy(row: TherapyRow) -> Therapy:
    columns = _columns(row, "key", "name", "patient_name", "phases", "preparations", "remote")
    return Therapy.model_validate(columns | row.facts | {"discipline": row.discipline or None})
