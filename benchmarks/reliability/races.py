"""All coordinators book the same times at the same moment, for different patients: one may win."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.reliability import asking, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.crowds import Crowd
from benchmarks.reliability.latencies import p50_p99_max
from benchmarks.reliability.plans import FIRST_DAY, Approved, Visit
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, told
from benchmarks.reliability.visitors import Answer

LANES = 6


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Run the rounds."""
    parser = asking.parser("races", __doc__)
    parser.add_argument("--clients", type=int, default=16, help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=200, help="(%(default)s)")
    parser.add_argument("--visits", type=int, default=5, help="visits of a plan (%(default)s)")
    parser.add_argument("--nodes", type=int, default=2, help="server processes (%(default)s)")
    asked = parser.parse_args(arguments)
    with stage.prepared(
        asked.database,
        lanes=LANES,
        patients=asked.clients + asked.rounds,
        courses=[Course(asked.visits)],
        coordinators=asked.clients,
        node_count=asked.nodes,
    ) as ready:
        return [told("seed", asked.seed), *_run(ready, asked.rounds, asked.visits, random.Random(asked.seed))]


def _run(ready: Stage, rounds: int, visits: int, chance: random.Random) -> Iterator[Verdict]:
    winners: Counter[int] = Counter()
    statuses: Counter[int] = Counter()
    seconds: list[float] = []
    unnamed = 0
    with ready.crowd() as crowd:
        runners = [
            ready.desk.approved(number, Course(visits)) for number in _patients(ready)[: len(crowd.members)]
        ]
        spare = iter(_patients(ready)[len(crowd.members) :])
        for round_ in range(rounds):
            answers = _race(ready, crowd, runners, _times(round_, visits, chance))
            won = [number for number, each in enumerate(answers) if each.status == 303]
            winners[len(won)] += 1
            statuses.update(each.status for each in answers)
            seconds += [each.seconds for each in answers]
            unnamed += sum(each.status == 409 and not _names(each) for each in answers)
            for number in won:
                runners[number] = ready.desk.approved(next(spare), Course(visits))
    yield exactly("winners in a round -> rounds", dict(winners), {1: rounds})
    asked = {303: rounds, 409: rounds * (len(crowd.members) - 1)}
    yield exactly("answers", dict(sorted(statuses.items())), asked)
    yield exactly("losers who were not told what clashes", unnamed, 0)
    yield exactly("overlapping claims", truths.overlaps(ready.engine), 0)
    yield exactly("plans booked in part", truths.half_plans(ready.engine), 0)
    yield exactly("deadlocks in the server's log", ready.database.logged("deadlock detected") or 0, 0)
    yield told("p50 / p99 / longest answer", p50_p99_max(seconds))


def _patients(ready: Stage) -> Sequence[int]:
    return ready.desk.clinic.patient_ids


def _times(round_: int, visits: int, chance: random.Random) -> list[Visit]:
    """What everybody wants in this round: another half hour than in every other, in any lanes."""
    day, half_hour = divmod(round_, 30)
    lanes = [chance.randrange(LANES) for _ in range(visits)]
    return [Visit(FIRST_DAY + day * visits + n, 360 + 30 * half_hour, lane) for n, lane in enumerate(lanes)]


def _race(ready: Stage, crowd: Crowd, runners: Sequence[Approved], wanted: list[Visit]) -> list[Answer]:
    offers = ready.desk.offer((runner, wanted) for runner in runners)
    return crowd.at_once([offer.order for offer in offers])


def _names(answer: Answer) -> bool:
    """Whether the page says what clashes: a step, or the person or thing that is taken."""
    return any(word in answer.said for word in ("visit", "Physician", "suite", "c-arm"))
