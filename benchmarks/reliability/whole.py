"""Plans of 40 visits of which only the last one clashes: who loses leaves nothing behind."""

from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.reliability import asking, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.plans import FIRST_DAY, Visit
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, told

COURSE = Course(40)
LATER = "Since the search"
"""How a refusal begins that was made before anything was written."""
NOTICES_OF_OTHERS = """
SELECT count(*) FROM notice n JOIN treatment_plan p ON n.plan_id = p.id WHERE p.state <> 'booked'
"""


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Some race for the last visit at the same moment, others come when it is taken."""
    parser = asking.parser("whole", __doc__)
    parser.add_argument("--clients", type=int, default=6, help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=10, help="(%(default)s)")
    asked = parser.parse_args(arguments)
    with stage.prepared(
        asked.database,
        lanes=asked.clients,
        patients=asked.clients + asked.rounds,
        courses=[COURSE],
        coordinators=asked.clients,
    ) as ready:
        return list(_run(ready, asked.rounds))


def _run(ready: Stage, rounds: int) -> Iterator[Verdict]:
    statuses: Counter[int] = Counter()
    refused: Counter[str] = Counter()
    patients = iter(ready.desk.clinic.patient_ids)
    with ready.crowd() as crowd:
        runners = [ready.desk.approved(next(patients), COURSE) for _ in crowd.members]
        for round_ in range(rounds):
            offers = ready.desk.offer((runner, _visits(round_, lane)) for lane, runner in enumerate(runners))
            answers = crowd.at_once([offer.order for offer in offers])
            statuses.update(each.status for each in answers)
            for number, each in enumerate(answers):
                if each.status == 303:
                    runners[number] = ready.desk.approved(next(patients), COURSE)
                else:
                    early = each.said.startswith(LATER)
                    refused[
                        "before anything was written" if early else "by the database, and rolled back"
                    ] += 1
    clients = len(runners)
    yield exactly("answers", dict(sorted(statuses.items())), {303: rounds, 409: rounds * (clients - 1)})
    yield told("refused", dict(refused))
    yield from _nothing_else(ready, rounds)


def _nothing_else(ready: Stage, booked: int) -> Iterator[Verdict]:
    left = truths.rows(ready.engine)
    asked = {
        "plans booked": booked,
        "appointments": booked * COURSE.visits,
        "claims": booked * COURSE.visits * 4,
        "audit lines of bookings": booked,
    }
    for what, count in asked.items():
        yield exactly(what, left[what], count)
    yield exactly("notices of plans that are not booked", truths.number(ready.engine, NOTICES_OF_OTHERS), 0)
    yield exactly("plans booked in part", truths.half_plans(ready.engine), 0)
    yield exactly("overlapping claims", truths.overlaps(ready.engine), 0)


def _visits(round_: int, lane: int) -> list[Visit]:
    """39 visits in a lane of one's own, the last where everybody wants it."""
    minute = 360 + 30 * round_
    own = [Visit(FIRST_DAY + n, minute, lane) for n in range(COURSE.visits - 1)]
    return [*own, Visit(FIRST_DAY + COURSE.visits, minute, 0)]
