"""Nodes are killed while coordinators book: what was answered is there, what was not is there whole or not at all."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from benchmarks.reliability import asking, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.crowds import Crowd, Order
from benchmarks.reliability.plans import Offer
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, told
from benchmarks.reliability.visitors import LOST

CLIENTS = 4
EACH = 3
"""Plans that each coordinator sends between two kills; what was not answered is sent again with its key."""
COURSE, LANES = Course(10), 25


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Kill, start again, go on."""
    parser = asking.parser("kills", __doc__)
    parser.add_argument("--kills", type=int, default=50, help="(%(default)s)")
    asked = parser.parse_args(arguments)
    with stage.prepared(
        asked.database,
        lanes=LANES,
        patients=(asked.kills + 1) * CLIENTS * EACH,
        courses=[COURSE],
        coordinators=CLIENTS,
        node_count=1,
    ) as ready:
        return [told("seed", asked.seed), *_run(ready, asked.kills, random.Random(asked.seed))]


def _run(ready: Stage, kills: int, chance: random.Random) -> Iterator[Verdict]:
    statuses: Counter[int] = Counter()
    answered: set[int] = set()
    missing: set[int] = set()
    in_flight = 0
    waiting: list[Offer] = []
    fresh = ready.desk.offers(COURSE, LANES)
    with ready.crowd() as crowd:
        whole, _ = crowd.timed(_shares([next(fresh) for _ in range(CLIENTS * EACH)]))
        for _ in range(kills):
            waiting += [next(fresh) for _ in range(CLIENTS * EACH - len(waiting))]
            got = _killed_meanwhile(ready, crowd, waiting, chance.uniform(0, whole))
            statuses.update(got.values())
            booked = _booked(ready)
            answered |= {plan for plan, status in got.items() if status == 303}
            missing |= answered - booked
            in_flight += any(
                status == LOST and plan in booked for plan, status in got.items() if plan not in answered
            )
            waiting = [each for each in waiting if got[each.plan_id] == LOST]
    yield told("answers (0: the connection was lost)", dict(sorted(statuses.items())))
    yield told("kills after which a plan was booked whose answer was lost", f"{in_flight} of {kills}")
    yield exactly(
        "answers that were neither", sum(statuses[each] for each in statuses if each not in {303, LOST}), 0
    )
    yield exactly("booked by their answer, and missing", len(missing), 0)
    yield told("plans booked by their answer", len(answered))
    yield exactly("plans booked in part", truths.half_plans(ready.engine), 0)
    yield exactly("overlapping claims", truths.overlaps(ready.engine), 0)
    yield exactly("integrity", truths.integrity(ready.engine), "ok")


def _killed_meanwhile(ready: Stage, crowd: Crowd, offers: Sequence[Offer], after: float) -> dict[int, int]:
    """Have the offers booked, and kill the node after so many seconds: plan -> status. The node serves again then."""
    (node,) = ready.nodes
    with ThreadPoolExecutor(1) as one:
        sent = one.submit(crowd.in_turn, _shares(offers))
        time.sleep(after)
        node.kill()
        answers = sent.result()
    node.start()
    return {
        offer.plan_id: answer.status
        for n, got in enumerate(answers)
        for offer, answer in zip(offers[n::CLIENTS], got, strict=True)
    }


def _shares(offers: Sequence[Offer]) -> list[list[Order]]:
    """What each coordinator sends."""
    return [[each.order for each in offers[n::CLIENTS]] for n in range(CLIENTS)]


def _booked(ready: Stage) -> set[int]:
    with ready.engine.connect() as connection:
        return set(connection.execute(text("SELECT id FROM treatment_plan WHERE state = 'booked'")).scalars())
