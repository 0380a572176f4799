"""The elements of a FHIR R4 Patient as the fields of a patient; what is not as it should be stays for the check."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from coordinator.files.marked_yaml import Place

ELEMENTS = {
    "key": "id",
    "birth_date": "birthDate",
    "identifiers": "identifier",
    "email": "telecom",
    "phone": "telecom",
    "language": "communication",
    "carer": "contact",
}
"""Where a field comes from, if not from an element of its own name."""

PRIVATE_NUMBERS = ("SS", "DL", "PPN", "TAX", "NI")
"""Types of identifier (HL7 v2-0203) that a booking has no use for."""

NAMES = ("official", "usual", None, "temp", "nickname", "anonymous")


def element(place: Place) -> Place:
    """The FHIR element of a patient's field."""
    return tuple(ELEMENTS.get(str(part), part) for part in place[:1])


def patient(resource: Mapping[str, Any], on: date) -> dict[str, Any]:
    """A patient's fields in plain form; those that the resource lacks are left out."""
    fields = {
        "key": re.sub(r"[^a-z0-9_-]", "-", str(resource.get("id", "")).lower()) or None,
        "name": _name(resource.get("name")),
        "birth_date": resource.get("birthDate"),
        "identifiers": list(_identifiers(resource.get("identifier"))),
        "email": _contact_point(resource.get("telecom"), "email", on),
        "phone": _contact_point(resource.get("telecom"), "phone", on),
        "address": _address(resource.get("address"), on),
        "language": _language(resource.get("communication")),
        "carer": _carer(resource.get("contact"), on),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _each(elements: object) -> Iterator[Mapping[str, Any]]:
    """The elements of a list that are what FHIR says: groups of fields."""
    for one in elements if isinstance(elements, list) else [elements]:
        if isinstance(one, Mapping):
            yield one


def _name(names: object) -> str | None:
    known = [name for name in _each(names) if name.get("use") in NAMES]
    for name in sorted(known, key=lambda name: NAMES.index(name.get("use"))):
        if written := _written(name):
            return written
    return None


def _written(name: Mapping[str, Any]) -> str:
    """The name as text, unless that is without the family name that is given."""
    text, family = str(name.get("text") or ""), str(name.get("family") or "")
    return text if text and family in text else " ".join(_name_parts(name))


def _name_parts(name: Mapping[str, Any]) -> Iterator[str]:
    for field in ("prefix", "given", "family", "suffix"):
        part = name.get(field, [])
        yield from (str(one) for one in (part if isinstance(part, list) else [part]))


def _identifiers(identifiers: object) -> Iterator[dict[str, Any]]:
    seen: list[object] = []
    for identifier in _each(identifiers):
        system, value = identifier.get("system"), identifier.get("value")
        if system and value and not _private(identifier) and (system, value) not in seen:
            seen.append((system, value))
            yield {"system": system, "value": value}


def _private(identifier: Mapping[str, Any]) -> bool:
    codings = (coding for kind in _each(identifier.get("type")) for coding in _each(kind.get("coding")))
    return any(coding.get("code") in PRIVATE_NUMBERS for coding in codings)


def _contact_point(telecom: object, system: str, on: date) -> Any:
    """The value to reach someone by: the best rank, a mobile before others, none that is old."""
    found = [
        point
        for point in _each(telecom)
        if point.get("system") == system and point.get("value") and _holds(point, on)
    ]
    best = min(found, key=lambda point: (_rank(point), point.get("use") != "mobile"), default=None)
    return best["value"] if best else None


def _rank(point: Mapping[str, Any]) -> int:
    rank = point.get("rank")
    return rank if isinstance(rank, int) else 1_000


def _holds(part: Mapping[str, Any], on: date) -> bool:
    period = part.get("period")
    end = period.get("end") if isinstance(period, Mapping) else None
    ended = isinstance(end, str) and end < on.isoformat()[: len(end)]
    return part.get("use") != "old" and not ended


def _address(addresses: object, on: date) -> str | None:
    for address in _each(addresses):
        if _holds(address, on) and (written := address.get("text") or "\n".join(_address_lines(address))):
            return str(written)
    return None


def _address_lines(address: Mapping[str, Any]) -> Iterator[str]:
    lines = address.get("line")
    yield from (str(line) for line in (lines if isinstance(lines, list) else []))
    town = [str(address[field]) for field in ("city", "state", "postalCode") if address.get(field)]
    if town:
        yield " ".join(town)
    if address.get("country"):
        yield str(address["country"])


def _language(communication: object) -> Any:
    spoken = sorted(_each(communication), key=lambda one: one.get("preferred") is not True)
    for one in spoken:
        for language in _each(one.get("language")):
            for coding in _each(language.get("coding")):
                if code := coding.get("code"):
                    return code
    return None


def _carer(contacts: object, on: date) -> dict[str, Any] | None:
    """The first contact with a name and a way to be reached; an organization is none."""
    for contact in _each(contacts):
        name = _name(contact.get("name")) or _name(
            [{**one, "use": None} for one in _each(contact.get("name"))]
        )
        ways = {system: _contact_point(contact.get("telecom"), system, on) for system in ("email", "phone")}
        reached = {system: value for system, value in ways.items() if value is not None}
        if name and reached:
            return {"name": name, **reached}
    return None
