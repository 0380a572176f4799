"""Stretches of time as sorted half-open intervals of minutes: joined, cut, and cut out of each other."""

from collections.abc import Iterable

Stretch = tuple[int, int]


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """All of them, sorted; those that touch or overlap become one, empty ones vanish."""
    made: list[Stretch] = []
    for begin, end in sorted(stretches):
        if begin >= end:
            continue
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((begin, end))
    return made


def without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """What is left of the first when the second is taken away."""
    left, cuts = [], joined(taken)
    position = 0
    for begin, end in joined(stretches):
        while position < len(cuts) and cuts[position][1] <= begin:
            position += 1
        at = position
        while at < len(cuts) and cuts[at][0] < end:
            if begin < cuts[at][0]:
                left.append((begin, cuts[at][0]))
            begin = max(begin, cuts[at][1])
            at += 1
        if begin < end:
            left.append((begin, end))
    return left


def common(one: Iterable[Stretch], other: Iterable[Stretch]) -> list[Stretch]:
    """The time that lies in both."""
    first, second, made = joined(one), joined(other), []
    i = j = 0
    while i < len(first) and j < len(second):
        begin, end = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if begin < end:
            made.append((begin, end))
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return made
