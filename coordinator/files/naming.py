"""Faults of names: twice, or of nothing; used by the checks of all kinds of file."""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from coordinator.files.therapies import InlineTherapy
from coordinator.files.values import Fault

Place = tuple[str | int, ...]


def repeated(keys: Iterable[str], place: str) -> Iterator[Fault]:
    """A fault for each key that stood before in the same list."""
    seen: set[str] = set()
    for number, key in enumerate(keys):
        if key in seen:
            yield Fault((place, number, "key"), f"'{key}' is there twice")
        seen.add(key)


def unknown(what: str, key: str, known: Collection[str], place: Place) -> Iterator[Fault]:
    """A fault where ``key`` is none of the known, with the nearest of them."""
    if key in known:
        return
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.75)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    yield Fault(place, f"there is no {what} '{key}'{hint}")


def all_unknown(what: str, keys: Iterable[str], known: Collection[str], place: Place) -> Iterator[Fault]:
    """``unknown`` for each key of a list."""
    for number, key in enumerate(keys):
        yield from unknown(what, key, known, (*place, number))


def therapy_capabilities(therapy: InlineTherapy, place: Place) -> Iterator[tuple[str, Place]]:
    """Every capability that a therapy names, and where."""
    for i, phase in enumerate(therapy.phases):
        for j, need in enumerate(phase.needs):
            for k, key in enumerate(need.capabilities):
                yield key, (*place, "phases", i, "needs", j, "all", k)
    for i, background in enumerate(therapy.background):
        yield background.role, (*place, "background", i, "role")
    if therapy.group:
        for i, key in enumerate(therapy.group.led_by):
            yield key, (*place, "group", "led_by", i)
        if therapy.group.room:
            yield therapy.group.room, (*place, "group", "room")


def unknown_sources(plain: object, sources: Collection[str], place: Place = ()) -> Iterator[Fault]:
    """A fault for each source id, such as S24, in a ``basis`` of the plain file that is not explained."""
    if isinstance(plain, Mapping):
        for name, inner in plain.items():
            if name == "basis":
                yield from _basis_sources(inner, sources, (*place, name))
            else:
                yield from unknown_sources(inner, sources, (*place, name))
    elif isinstance(plain, list):
        for number, inner in enumerate(plain):
            yield from unknown_sources(inner, sources, (*place, number))


def _basis_sources(basis: object, sources: Collection[str], place: Place) -> Iterator[Fault]:
    if isinstance(basis, str):
        if re.fullmatch(r"[A-Z]\d+", basis):
            yield from unknown("source", basis, sources, place)
    elif isinstance(basis, Mapping):
        for name, inner in basis.items():
            yield from _basis_sources(inner, sources, (*place, name))
    elif isinstance(basis, list):
        for number, inner in enumerate(basis):
            yield from _basis_sources(inner, sources, (*place, number))
