"""Therapies and pathways as rows."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.files.pathways import PathwayFile
from coordinator.files.therapies import Need, Phase, Preparation, Therapy
from coordinator.models import Pathway
from coordinator.models import Therapy as TherapyRow
from coordinator.services.importing.rows import change, flush, words

ONLY_SHOWN = {"group", "background", "note", "basis"}


def write_therapies(session: Session, therapies: Iterable[Therapy], *, pathway: str | None = None) -> None:
    """Bring these therapies, the clinic's or a pathway's own, in line with what their file says. Flushes."""
    owner = {"pathway": pathway} if pathway else {}
    known = {row.key: row for row in session.scalars(select(TherapyRow))}
    for therapy in therapies:
        row = known.setdefault(therapy.key, TherapyRow(key=therapy.key))
        change(
            row,
            name=words(therapy.name),
            patient_name=words(therapy.patient_name),
            discipline=therapy.discipline or "",
            phases=[_phase(phase) for phase in therapy.phases],
            preparations=[preparation(each) for each in therapy.preparations],
            remote=therapy.remote,
            facts=_shown(therapy) | owner,
        )
        session.add(row)
    flush(session)


def _shown(therapy: Therapy) -> dict[str, Any]:
    return therapy.model_dump(mode="json", by_alias=True, include=ONLY_SHOWN, exclude_defaults=True)


def _phase(phase: Phase) -> dict[str, Any]:
    needs = [need for each in phase.needs for need in single(each)]
    return {"name": words(phase.name), "minutes": phase.minutes, "patient": phase.patient, "needs": needs}


def single(need: Need) -> Iterator[dict[str, Any]]:
    """A need for each of its ``count`` resources; the labels of further ones are numbered."""
    for number in range(1, need.count + 1):
        made: dict[str, Any] = {"all": list(need.capabilities)}
        if need.label:
            made["as"] = need.label if number == 1 else f"{need.label}-{number}"
        yield made | {name: minutes for name in ("before", "after") if (minutes := getattr(need, name))}


def preparation(each: Preparation) -> dict[str, Any]:
    """What a patient is told to do, as rows keep it."""
    return {"lead_days": each.lead_days, "text": words(each.text), "sensitive": each.sensitive}


def write_pathway(session: Session, file: PathwayFile, *, now: datetime) -> None:
    """Keep the pathway's document; its version goes up where it says something new. Flushes."""
    document = file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    row = session.scalars(select(Pathway).where(Pathway.key == file.key)).one_or_none()
    if row is None:
        row = Pathway(key=file.key, version=0)
    if row.version == 0 or row.document != document:
        change(row, document=document, version=row.version + 1, updated_at=now)
    session.add(change(row, title=words(file.title), active=True))
    flush(session)
