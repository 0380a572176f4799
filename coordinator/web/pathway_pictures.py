"""A pathway's graph as a picture: boxes in layers by depth, arrows between them, the gaps written on the arrows."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask_babel import gettext, ngettext

from coordinator.files.leaving_out import Edge

BOX_WIDTH, BOX_HEIGHT = 200, 86
BEND_WIDTH = 92
BESIDE, BETWEEN, MARGIN = 20, 70, 12
LETTERS, LINES = 21, 3
SWEEPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One step of the picture."""

    key: str
    title: str
    facts: str
    discipline: str
    optional: bool = False

    @property
    def lines(self) -> list[str]:
        """The title in lines that fit; what does not is cut, and stands whole in the list below the picture."""
        return textwrap.wrap(self.title, LETTERS, max_lines=LINES, placeholder="…")


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its upper left corner."""

    box: Box
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line from box to box through bends; ``words`` stand at ``x``, ``y``."""

    path: str
    words: str
    gated: bool
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it, in pixels."""

    width: int
    height: int
    boxes: Sequence[Placed]
    arrows: Sequence[Arrow]
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


Node = tuple[str, ...]
"""A box ``(key,)``, or where an arrow passes a layer: ``(before, after, layer)``."""


def draw(boxes: Mapping[str, Box], links: Iterable[Edge]) -> Picture:
    """Lay the boxes out from top to bottom, so that every arrow points down."""
    joined = _joined(links)
    depth = _depths(list(boxes), joined)
    routes = {pair: _route(*pair, depth) for pair in joined}
    layers = _layers(boxes, depth, routes.values())
    across = _across(layers, routes.values())
    left = min(across[node] - _width(node) // 2 for node in across) - MARGIN
    spots = {node: (x - left, _top(node, depth)) for node, x in across.items()}
    return Picture(
        width=max(x + _width(node) // 2 for node, (x, _) in spots.items()) + MARGIN,
        height=max(y for _, y in spots.values()) + BOX_HEIGHT + MARGIN,
        boxes=[
            Placed(box, spots[(key,)][0] - BOX_WIDTH // 2, spots[(key,)][1]) for key, box in boxes.items()
        ],
        arrows=[
            _arrow(routes[pair], spots, edges, beside=_beside(pair, joined)) for pair, edges in joined.items()
        ],
    )


def _joined(links: Iterable[Edge]) -> dict[tuple[str, str], list[Edge]]:
    """One arrow for all links between the same two steps."""
    pairs: dict[tuple[str, str], list[Edge]] = {}
    for link in links:
        pairs.setdefault((link.before, link.after), []).append(link)
    return pairs


def _depths(keys: Sequence[str], pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    """How many steps come before each at most; files are checked to have no circles."""
    depth = dict.fromkeys(keys, 0)
    for _ in keys:
        for before, after in pairs:
            depth[after] = max(depth[after], depth[before] + 1)
    return depth


def _route(before: str, after: str, depth: Mapping[str, int]) -> list[Node]:
    """The nodes that an arrow passes, a bend in each layer between."""
    bends = [(before, after, str(layer)) for layer in range(depth[before] + 1, depth[after])]
    return [(before,), *bends, (after,)]


def _layers(boxes: Iterable[str], depth: Mapping[str, int], routes: Iterable[list[Node]]) -> list[list[Node]]:
    layers: list[list[Node]] = [[] for _ in range(max(depth.values()) + 1)]
    for key in boxes:
        layers[depth[key]].append((key,))
    for route in routes:
        for node in route[1:-1]:
            layers[int(node[2])].append(node)
    return layers


def _across(layers: list[list[Node]], routes: Iterable[list[Node]]) -> dict[Node, int]:
    """The middle of each node: sweeps down and up pull each towards what it is linked with, in a free order."""
    linked: dict[Node, list[Node]] = {node: [] for layer in layers for node in layer}
    for route in routes:
        for one, other in pairwise(route):
            linked[one].append(other)
            linked[other].append(one)
    place = {node: float(x) for layer in layers for node, x in zip(layer, _spread(layer), strict=True)}
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wished = {node: _mean([place[other] for other in linked[node]], place[node]) for node in layer}
            layer.sort(key=wished.__getitem__)
            place.update(_apart(layer, wished))
    return {node: round(x) for node, x in place.items()}


def _spread(layer: Sequence[Node]) -> list[float]:
    return [(number - (len(layer) - 1) / 2) * (BOX_WIDTH + BESIDE) for number in range(len(layer))]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _apart(layer: Sequence[Node], wished: Mapping[Node, float]) -> dict[Node, float]:
    """Places near the wished ones that do not overlap; what is pushed right on the whole is moved back left."""
    place: dict[Node, float] = {}
    edge = float("-inf")
    for node in layer:
        half = _width(node) / 2
        place[node] = max(wished[node], edge + half)
        edge = place[node] + half + BESIDE
    shift = _mean([place[node] - wished[node] for node in layer], 0.0)
    return {node: x - shift for node, x in place.items()}


def _width(node: Node) -> int:
    return BOX_WIDTH if len(node) == 1 else BEND_WIDTH


def _top(node: Node, depth: Mapping[str, int]) -> int:
    layer = depth[node[0]] if len(node) == 1 else int(node[2])
    return MARGIN + layer * (BOX_HEIGHT + BETWEEN)


def _beside(pair: tuple[str, str], pairs: Iterable[tuple[str, str]]) -> float:
    """How far along an arrow its words stand: near the end where the arrows are further apart."""
    leaving = sum(before == pair[0] for before, _ in pairs)
    arriving = sum(after == pair[1] for _, after in pairs)
    return 0.5 if leaving == arriving else 0.72 if leaving > arriving else 0.28


def _arrow(
    route: Sequence[Node], spots: Mapping[Node, tuple[int, int]], edges: Sequence[Edge], *, beside: float
) -> Arrow:
    """Down from the lower edge of one box to the upper edge of the other, straight through the bends."""
    x, y = spots[route[0]]
    path, y = f"M{x} {y + BOX_HEIGHT}", y + BOX_HEIGHT
    for node in route[1:-1]:
        bend_x, bend_y = spots[node]
        path += f"{_curve(x, y, bend_x, bend_y)}V{bend_y + BOX_HEIGHT}"
        x, y = bend_x, bend_y + BOX_HEIGHT
    last_x, last_y = spots[route[-1]]
    path += _curve(x, y, last_x, last_y - 7)
    spot = (x, y - BOX_HEIGHT // 2) if len(route) > 2 else _on_curve(x, y, last_x, last_y - 7, beside)
    words = " / ".join(dict.fromkeys(said for edge in edges if (said := gap(edge))))
    return Arrow(path, words, any(edge.gate for edge in edges), *spot)


def _curve(x: int, y: int, to_x: int, to_y: int) -> str:
    half = (y + to_y) // 2
    return f"C{x} {half} {to_x} {half} {to_x} {to_y}"


def _on_curve(x: int, y: int, to_x: int, to_y: int, part: float) -> tuple[int, int]:
    """The point so far along ``_curve`` (0 to 1): a cubic Bezier curve."""
    rest = 1 - part
    start, bend, turn, end = rest**3, 3 * rest**2 * part, 3 * rest * part**2, part**3
    half = (y + to_y) / 2
    return round((start + bend) * x + (turn + end) * to_x), round(
        start * y + (bend + turn) * half + end * to_y
    )


def gap(edge: Edge) -> str:
    """How much time lies between two steps, in words; empty where only the order counts."""
    if edge.min_minutes is not None or edge.max_minutes is not None:
        return _between(edge.min_minutes or 0, edge.max_minutes, gettext("min"))
    if edge.min_days is None and edge.max_days is None:
        return ""
    if (edge.min_days or 0) == edge.max_days == 0:
        return str(gettext("same day"))
    most = edge.max_days if edge.max_days is not None else edge.min_days or 0
    return _between(edge.min_days or 0, edge.max_days, ngettext("day", "days", most))


def _between(least: int, most: int | None, unit: str) -> str:
    if most is None:
        return str(gettext("%(least)s %(unit)s or more", least=least, unit=unit)) if least else ""
    if not least:
        return str(gettext("up to %(most)s %(unit)s", most=most, unit=unit))
    return f"{least} {unit}" if least == most else f"{least}–{most} {unit}"
