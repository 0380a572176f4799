"""What work and waiting do to costs that are kept by the ticks of a day, the last axis of every array."""

from functools import lru_cache
from typing import Any

import numpy as np

from coordinator.scheduling.journey.crews import INFINITE, Prices


def ended(begun: Prices | None, layer: Prices, length: int) -> Prices:
    """The cost by the last tick of what begins at each tick at the price of ``layer``, on top of ``begun``."""
    made, shift = np.empty_like(layer), length - 1
    fits = max(layer.shape[-1] - shift, 0)
    made[..., :shift] = INFINITE
    if begun is None:
        made[..., shift:] = layer[..., :fits]
    else:
        np.add(begun[..., :fits], layer[..., :fits], out=made[..., shift:])
    return made


def after(layer: Prices, each: int) -> Prices:
    """The least cost with which something can begin at each tick after the end of all that is done, where every tick
    that is waited costs ``each``; nothing comes over midnight."""
    waited, made = _waited(layer.shape[-1] - 1, each, layer.dtype), np.empty_like(layer)
    made[..., :1] = INFINITE
    later = made[..., 1:]
    np.subtract(layer[..., :-1], waited, out=later)
    np.minimum.accumulate(later, axis=-1, out=later)
    later += waited
    return made


@lru_cache(maxsize=256)
def _waited(count: int, each: int, kind: np.dtype[np.floating[Any]]) -> Prices:
    """What it costs to wait so many ticks, from none on."""
    return (np.arange(count) * each).astype(kind)


def kept(layer: Prices, least: int, most: int, each: int) -> Prices:
    """The cost with which something can begin ``least`` to ``most`` ticks after the end of all that is done."""
    count = layer.shape[-1]
    most, made = min(most, count - 2), np.full_like(layer, INFINITE)
    if most < least:
        return made
    waited = _waited(count, each, layer.dtype)
    lowest, width = layer - waited, 1
    while width <= most - least:  # each entry is the least of itself and of the width before it
        step = min(width, most - least + 1 - width)
        lowest[..., step:] = np.minimum(lowest[..., step:], lowest[..., :-step])
        width += step
    made[..., least + 1 :] = (lowest + waited)[..., : count - least - 1]
    made[..., least + 1 :] += least * each
    return made
