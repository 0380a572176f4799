"""A hold ends while its plan is booked, another wants its times, and a third wants to hold them: one has them."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import text

from benchmarks.reliability import asking, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.crowds import Order
from benchmarks.reliability.plans import FIRST_DAY, Offer, Visit
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, told

COURSE = Course(3)
AHEAD_SECONDS = 1.5
OWNERS = """
SELECT count(DISTINCT coalesce(a.plan_id, h.plan_id)) FROM claim c JOIN resource r ON c.resource_id = r.id
LEFT JOIN appointment a ON c.appointment_id = a.id LEFT JOIN hold h ON c.hold_id = h.id
WHERE c.active AND r.kind <> 'patient' AND coalesce(a.plan_id, h.plan_id) IN ({plans})
"""


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Let holds end at the moment at which all act."""
    parser = asking.parser("holds", __doc__)
    parser.add_argument("--rounds", type=int, default=20, help="(%(default)s)")
    asked = parser.parse_args(arguments)
    with stage.prepared(
        asked.database, lanes=2, patients=3 * asked.rounds, courses=[COURSE], coordinators=4
    ) as ready:
        return [told("seed", asked.seed), *_run(ready, asked.rounds, random.Random(asked.seed))]


def _run(ready: Stage, rounds: int, chance: random.Random) -> Iterator[Verdict]:
    winners: Counter[str] = Counter()
    owners: Counter[int] = Counter()
    others: Counter[int] = Counter()
    names = ("the holder", "another", "who would hold")
    patients = iter(ready.desk.clinic.patient_ids)
    with ready.crowd() as crowd:
        for round_ in range(rounds):
            plans = [ready.desk.approved(next(patients), COURSE) for _ in names]
            offers = ready.desk.offer((plan, _visits(round_)) for plan in plans)
            (held,) = crowd.at_once([_hold(offers[0])])
            assert held.status == 303, held.said
            _let_end(ready, offers[0], chance.uniform(-0.5, 0.5))
            answers = crowd.at_once([offers[0].order, offers[1].order, _hold(offers[2])])
            won = [name for name, each in zip(names, answers, strict=True) if each.status == 303]
            winners[" and ".join(won) or "nobody"] += 1
            others.update(each.status for each in answers if each.status != 303)
            numbers = ", ".join(str(offer.plan_id) for offer in offers)
            owners[truths.number(ready.engine, OWNERS.format(plans=numbers))] += 1
    yield exactly("rounds with one winner", sum(winners[name] for name in names), rounds)
    yield told("who won", dict(winners))
    yield exactly("answers to the others", dict(others), {409: 2 * rounds})
    yield exactly("plans that have the times -> rounds", dict(owners), {1: rounds})
    yield exactly("overlapping claims", truths.overlaps(ready.engine), 0)


def _visits(round_: int) -> list[Visit]:
    day, half_hour = divmod(round_, 30)
    return [Visit(FIRST_DAY + day * COURSE.visits + n, 360 + 30 * half_hour, n % 2) for n in range(3)]


def _hold(offer: Offer) -> Order:
    form = {"proposal_id": offer.proposal_id, "version": offer.version}
    return "POST", f"/plans/{offer.plan_id}/hold", form


def _let_end(ready: Stage, offer: Offer, late: float) -> None:
    """Have a plan's hold end on the next full second but one, and wait for it, a little more or less."""
    ends = int(time.time() + AHEAD_SECONDS) + 1
    instant = ":ends" if ready.engine.dialect.name == "sqlite" else "to_timestamp(:ends)"
    update = text(f"UPDATE hold SET expires_at = {instant} WHERE plan_id = :plan AND released_at IS NULL")
    with ready.engine.begin() as connection:
        connection.execute(update, {"ends": ends, "plan": offer.plan_id})
    time.sleep(max(0.0, ends + late - time.time()))
