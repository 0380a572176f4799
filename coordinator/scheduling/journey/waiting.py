"""What work and waiting do to costs that are kept by the ticks of a day, the last axis of every array."""

import numpy as np

from coordinator.scheduling.journey.crews import INFINITE, Prices


def ended(begun: Prices | int, layer: Prices, length: int) -> Prices:
    """The cost by the last tick of what begins at each tick for ``begun``, at the price of ``layer``."""
    total: Prices = begun + layer
    shift = length - 1
    if not shift:
        return total
    made = np.empty_like(total)
    made[..., :shift] = INFINITE
    made[..., shift:] = total[..., :-shift]
    return made


def one_later(layer: Prices) -> Prices:
    """The same one tick later; nothing comes over midnight."""
    made = np.empty_like(layer)
    made[..., :1] = INFINITE
    made[..., 1:] = layer[..., :-1]
    return made


def idled(layer: Prices, each: int) -> Prices:
    """The least cost until the end of each tick, where every tick that is waited costs ``each``."""
    waited = (np.arange(layer.shape[-1]) * each).astype(layer.dtype)
    found: Prices = np.minimum.accumulate(layer - waited, axis=-1)
    found += waited
    return found


def kept(layer: Prices, least: int, most: int, each: int) -> Prices:
    """The cost with which something can begin ``least`` to ``most`` ticks after the end of all that is done."""
    count = layer.shape[-1]
    most, made = min(most, count - 2), np.full_like(layer, INFINITE)
    if most < least:
        return made
    waited = (np.arange(count) * each).astype(layer.dtype)
    lowest, width = layer - waited, 1
    while width <= most - least:  # each entry is the least of itself and of the width before it
        step = min(width, most - least + 1 - width)
        lowest[..., step:] = np.minimum(lowest[..., step:], lowest[..., :-step])
        width += step
    made[..., least + 1 :] = (lowest + waited)[..., : count - least - 1]
    made[..., least + 1 :] += least * each
    return made
