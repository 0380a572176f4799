"""Many sets of ways at once, against each by itself."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from coordinator.scheduling.journey import stacking
from tests.scheduling.clinic import DAY, a_problem, free, link, phase, plan, resource, step
from tests.scheduling.journey.test_packing import packing_of


@pytest.mark.parametrize("minutes", [{}, {"minutes": [0, 60]}])
@pytest.mark.parametrize("much", [1, stacking.MUCH])
def test_many_sets_cost_what_each_costs(
    minutes: dict[str, Any], much: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacking, "MUCH", much)
    packing = packing_of(
        a_problem(
            plan(
                step("one", phase(60, "doctor")),
                step("team", phase(30, "room"), phase(30, "doctor")),
                step("two", phase(60, "doctor")),
                links=[link("one", "two", **minutes)],
                series=[{"steps": ["one", "team", "two"], "capability": "doctor", "same": False}],
            ),
            resources=[
                resource("a", "doctor", free=[*free(0, 1), [3 * DAY + 540, 3 * DAY + 700]]),
                resource("b", "doctor", free=free(1, end=660) + free(3, begin=720)),
                resource("room", "room", free=free(0, 1, 2, 3, begin=600)),
            ],
        )
    )
    offers = [sum(1 << way for way in ways) for ways in product(*map(packing.ways_of, packing.site.steps))]
    found = stacking.least(packing, offers, [0, 1, 3])
    alone = np.array([[packing.least(offer, 0)[day] for day in (0, 1, 3)] for offer in offers])
    assert len(offers) == 8
    assert np.isfinite(alone).any()
    assert np.array_equal(found, alone)
