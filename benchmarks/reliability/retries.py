"""The same request again and again, at once and after a cut connection: one booking, one answer."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from benchmarks.reliability import asking, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.plans import Offer
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, told
from benchmarks.reliability.visitors import Answer, Visitor

COURSE, LANES = Course(5), 6


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Repeat at once, then repeat after hanging up."""
    parser = asking.parser("retries", __doc__)
    parser.add_argument("--times", type=int, default=50, help="the same request at once (%(default)s)")
    parser.add_argument("--rounds", type=int, default=10, help="(%(default)s)")
    parser.add_argument("--cuts", type=int, default=50, help="requests that are hung up on (%(default)s)")
    asked = parser.parse_args(arguments)
    with stage.prepared(
        asked.database,
        lanes=LANES,
        patients=asked.rounds + asked.cuts + 1,
        courses=[COURSE],
        coordinators=1,
    ) as ready:
        offers = ready.desk.offers(COURSE, LANES)
        at_once = [next(offers) for _ in range(asked.rounds)]
        cut = [next(offers) for _ in range(asked.cuts)]
        verdicts = [
            told("seed", asked.seed),
            *_at_once(ready, at_once, asked.times),
            *_after_a_cut(ready, cut, random.Random(asked.seed)),
            *_another_plan(ready, at_once[0], next(offers)),
        ]
        return [*verdicts, *_whole(ready, asked.rounds + asked.cuts)]


def _at_once(ready: Stage, offers: Sequence[Offer], times: int) -> Iterator[Verdict]:
    visitors = [ready.visitor(node) for node in range(len(ready.nodes))]
    answers: Counter[tuple[int, bool]] = Counter()
    for offer in offers:
        gate = Barrier(times)

        def send(number: int, gate: Barrier = gate, offer: Offer = offer) -> Answer:
            window = visitors[number % len(visitors)].twin()
            gate.wait()
            return _send(window, offer)

        with ThreadPoolExecutor(times) as threads:
            for answer in threads.map(send, range(times)):
                answers[answer.status, answer.leads_to == f"/plans/{offer.plan_id}"] += 1
    asked = {(303, True): len(offers) * times}
    yield exactly(f"{times} at once: (answer, leads to the plan) -> how often", dict(answers), asked)


def _after_a_cut(ready: Stage, offers: Sequence[Offer], chance: random.Random) -> Iterator[Verdict]:
    """Hang up as soon as the request is sent, wait a little or not at all, and send it again to any node."""
    visitors = [ready.visitor(node) for node in range(len(ready.nodes))]
    answers: Counter[tuple[int, bool]] = Counter()
    for offer in offers:
        _, path, form = offer.order
        chance.choice(visitors).post_and_hang_up(path, **form)
        time.sleep(chance.choice([0, 0.02, 0.1, 0.5]))
        answer = _send(chance.choice(visitors), offer)
        answers[answer.status, answer.leads_to == f"/plans/{offer.plan_id}"] += 1
    yield exactly(
        "after a cut: (answer, leads to the plan) -> how often", dict(answers), {(303, True): len(offers)}
    )


def _another_plan(ready: Stage, used: Offer, other: Offer) -> Iterator[Verdict]:
    _, _, form = used.order
    _, path, own = other.order
    answer = ready.visitor().post(path, **own | {"key": form["key"]})
    yield exactly("the key of another plan's booking", answer.status, 422)


def _whole(ready: Stage, booked: int) -> Iterator[Verdict]:
    yield exactly("plans booked", truths.rows(ready.engine)["plans booked"], booked)
    yield exactly("plans booked in part, or twice", truths.half_plans(ready.engine), 0)
    yield exactly("overlapping claims", truths.overlaps(ready.engine), 0)


def _send(visitor: Visitor, offer: Offer) -> Answer:
    _, path, form = offer.order
    return visitor.post(path, **form)
