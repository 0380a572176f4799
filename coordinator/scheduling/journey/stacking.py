"""The same steps on the same dates, done in several ways: what each costs at least, found for all of them at once.

What ``packing`` says of one set of ways is said here of many, with an axis more in every array. It is for plans
without a limit on the length of their dates.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from coordinator.scheduling import bits
from coordinator.scheduling.journey.crews import INFINITE, Prices
from coordinator.scheduling.journey.packing import Packed, Packing
from coordinator.scheduling.journey.waiting import after, ended, kept

MUCH = 2**18  # numbers in one array


def least(packing: Packing, offers: Sequence[int], days: Sequence[int]) -> Prices:
    """What each of some sets of ways, all for the same steps, costs at least on some dates: sets by dates."""
    most = max(1, MUCH // (len(days) * packing.ticks))
    dates = np.array(days)
    some = (offers[first : first + most] for first in range(0, len(offers), most))
    return np.concatenate([_Stack(packing, each, dates).least() for each in some])


class _Stack:
    """Some sets of ways; the first of them stands for all in what follows what.

    Of each part of them only what differs is kept: ``_rows`` says for the ways of a part (of the first set) which set
    stands for each row of its arrays, and for each set its row.
    """

    def __init__(self, packing: Packing, offers: Sequence[int], dates: npt.NDArray[np.int_]) -> None:
        self.packing, self.offers, self.dates = packing, offers, dates
        self._layers: dict[int, Prices] = {}
        self._column: dict[int, npt.NDArray[np.int_]] = {}
        for ways in self._by_step():
            place = {way: row for row, way in enumerate(dict.fromkeys(ways))}
            self._column[ways[0]] = np.array([place[way] for way in ways])
            self._layers[ways[0]] = np.stack([packing.packed[way].layers[0][dates] for way in place])
        self._rows_of: dict[int, tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]] = {}
        self._busy: dict[int, Prices] = {}
        self._idle: dict[int, Prices] = {}

    def _by_step(self) -> Iterable[list[int]]:
        """For each step its way in each set."""
        found: dict[str, list[int]] = {}
        for offer in self.offers:
            for way in bits.each(offer):
                found.setdefault(self.packing.ways[way].step, []).append(way)
        return found.values()

    def _rows(self, done: int) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
        """For some ways of the first set the sets in which they differ, and for each set its row among those."""
        if done not in self._rows_of:
            code = np.zeros(len(self.offers), np.int64)
            for way in bits.each(done):
                _, code = np.unique(code * len(self._layers[way]) + self._column[way], return_inverse=True)
            _, rows, of_set = np.unique(code, return_index=True, return_inverse=True)
            self._rows_of[done] = rows, of_set
        return self._rows_of[done]

    def least(self) -> Prices:
        """What each set costs at least on each date."""
        done = self.offers[0]
        found: Prices = self.busy(done).min(axis=2)
        return found[self._rows(done)[1]]

    def busy(self, done: int) -> Prices:
        """The least cost of all that is done (ways of the first set), by the last tick of it."""
        if done not in self._busy:
            shape = (len(self._rows(done)[0]), len(self.dates), self.packing.ticks)
            found = np.full(shape, INFINITE, self.packing.kind)
            for last, way, rest in self.packing.lasts(done):
                np.minimum(found, self._after(last, way, rest, done), out=found)
            self._busy[done] = found
        return self._busy[done]

    def _after(self, last: Packed, way: int, rest: int, done: int) -> Prices:
        """The cost with one way as the last, by its own last tick."""
        sets = self._rows(done)[0]
        layer = self._layers[way][self._column[way][sets]]
        begun = self._begun(last, rest)[self._rows(rest)[1][sets]] if rest else None
        made = ended(begun, layer, last.length)
        return made + last.waiting * self.packing.each if last.waiting else made

    def _begun(self, last: Packed, rest: int) -> Prices:
        """The cost with which a way can begin at each tick."""
        if last.gap is not None:
            return kept(self.busy(rest), *last.gap, self.packing.each)
        if rest not in self._idle:
            self._idle[rest] = after(self.busy(rest), self.packing.each)
        return self._idle[rest]
