"""The entries of a problem file: weights, locations, resources; each refused where it is wrong."""

from typing import Any

from coordinator import times
from coordinator.errors import UnknownZone
from coordinator.scheduling.problem import Location, Resource, Weights
from coordinator.scheduling.reading import (
    Entry,
    Reader,
    apart,
    known,
    list_of,
    name,
    refuse,
    shown,
    whole,
)

DEAREST = 1_000_000_000

PRICES = frozenset(Weights.__slots__)
LOCATION = frozenset({"id", "timezone"})
RESOURCE = frozenset({"id", "location", "capabilities", "free", "is"})

price, names = whole(0, DEAREST), list_of(name)


def weights(value: Any) -> Weights:
    """A reader of prices; one that is missing is 0."""
    entry = Entry(value, PRICES)
    return Weights(**{part: entry.read(part, price) for part in entry.value})


def location(value: Any) -> Location:
    """A reader of one location."""
    entry = Entry(value, LOCATION)
    return Location(key=entry.read("id", name), timezone=entry.read("timezone", _zone))


def _zone(value: Any) -> str:
    try:
        times.zone(name(value))
    except UnknownZone:
        refuse(f"no time zone {shown(value)}")
    return str(value)


def resource_reader(locations: list[str]) -> Reader[Resource]:
    """A reader of one resource at one of the locations."""
    place = known(locations, "location")

    def read(value: Any) -> Resource:
        entry = Entry(value, RESOURCE)
        return Resource(
            key=entry.read("id", name),
            location=entry.read("location", place),
            capabilities=frozenset(entry.read("capabilities", names)),
            free=entry.read("free", apart),
            same_as=entry.maybe("is", name, None),
        )

    return read
