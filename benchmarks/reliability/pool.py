"""Three rooms of one sort, many who want one for a while: never more than three at once, and hardly one in vain."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import text

from benchmarks.reliability import asking, clinics, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.plans import FIRST_DAY, Offer, Visit
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, no_more_than, told
from benchmarks.reliability.visitors import Visitor
from coordinator.errors import FileProblems

LANES = 3
COURSES = tuple(Course(1, minutes) for minutes in (15, 30, 45, 60, 90))
LOAD = 0.6
"""How much of the pool's time is wanted."""
MINUTES_A_DAY = (clinics.CLOSES - clinics.OPENS) * 60
MOST_REFUSED = 0.03
ENDS = """
SELECT c.starts_at, c.ends_at FROM claim c JOIN resource r ON c.resource_id = r.id
WHERE c.active AND r.kind = 'room'
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """A stretch, and one proposal for each member of the pool, in the order in which they are tried."""

    day: int
    minute: int
    minutes: int
    offers: tuple[Offer, ...]

    @property
    def ends(self) -> int:
        """The minute of its day at which it is over."""
        return self.minute + self.minutes


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Have all wishes tried by all coordinators at once, then take away what is in use."""
    parser = asking.parser("pool", __doc__)
    parser.add_argument("--wishes", type=int, default=2000, help="(%(default)s)")
    parser.add_argument("--clients", type=int, default=50, help="at once (%(default)s)")
    asked = parser.parse_args(arguments)
    with stage.prepared(
        asked.database, lanes=LANES, patients=asked.wishes, courses=COURSES, coordinators=1
    ) as ready:
        wishes = list(_wishes(ready, random.Random(asked.seed)))
        booked = _tried(ready, wishes, asked.clients)
        return [told("seed", asked.seed), *_judged(ready, wishes, booked), *_smaller(ready)]


def _wishes(ready: Stage, chance: random.Random) -> Iterator[Wish]:
    """At about ``LOAD`` of what three can serve, on a grid of five minutes."""
    patients = ready.desk.clinic.patient_ids
    mean = sum(course.minutes for course in COURSES) / len(COURSES)
    days = max(1, round(len(patients) * mean / (LOAD * LANES * MINUTES_A_DAY)))
    for patient_id in patients:
        course = chance.choice(COURSES)
        plan = ready.desk.approved(patient_id, course)
        day = FIRST_DAY + chance.randrange(days)
        minute = clinics.OPENS * 60 + chance.randrange(0, MINUTES_A_DAY - course.minutes + 1, 5)
        offers = ready.desk.offer((plan, [Visit(day, minute, lane)]) for lane in range(LANES))
        yield Wish(day, minute, course.minutes, tuple(offers))


def _tried(ready: Stage, wishes: Sequence[Wish], clients: int) -> list[Counter[int]]:
    """What each wish was answered, until one member of the pool was had."""
    visitors = [ready.visitor(node) for node in range(len(ready.nodes))]

    def work(number: int) -> list[tuple[int, Counter[int]]]:
        window = visitors[number % len(visitors)].twin()
        return [(n, _try(window, wishes[n])) for n in range(number, len(wishes), clients)]

    with ThreadPoolExecutor(clients) as threads:
        done = dict(each for own in threads.map(work, range(clients)) for each in own)
    return [done[n] for n in range(len(wishes))]


def _try(window: Visitor, wish: Wish) -> Counter[int]:
    answers: Counter[int] = Counter()
    for offer in wish.offers:
        _, path, form = offer.order
        status = window.post(path, **form).status
        answers[status] += 1
        if status == 303:
            break
    return answers


def _judged(ready: Stage, wishes: Sequence[Wish], answers: Sequence[Counter[int]]) -> Iterator[Verdict]:
    statuses = sum(answers, Counter())
    had = [each[303] == 1 for each in answers]
    vain = [
        wish
        for wish, got in zip(wishes, had, strict=True)
        if not got and _most_at_once([w for w, g in zip(wishes, had, strict=True) if g], wish) < LANES
    ]
    yield told("answers", dict(sorted(statuses.items())))
    yield exactly(
        "answers that were neither", sum(statuses[each] for each in statuses if each not in {303, 409}), 0
    )
    yield told("wishes fulfilled", f"{sum(had)} of {len(wishes)}")
    yield no_more_than(
        "refused although fewer than three were ever in use", len(vain) / len(wishes), MOST_REFUSED
    )
    yield exactly("most in use at any instant", _sweep(ready), LANES)
    yield exactly("overlapping claims", truths.overlaps(ready.engine), 0)
    yield exactly("plans booked in part", truths.half_plans(ready.engine), 0)


def _most_at_once(booked: Sequence[Wish], wish: Wish) -> int:
    """How many of the booked are there at once, at most, while a wish would be."""
    begin, end = wish.minute, wish.ends
    there = [
        each
        for each in booked
        if each.day == wish.day and each.minute < end and each.minute + each.minutes > begin
    ]
    moments = {begin, *(each.minute for each in there if each.minute > begin)}
    return max(sum(each.minute <= at < each.ends for each in there) for at in moments)


def _sweep(ready: Stage) -> int:
    """From instant to instant, by what the database says: ends count before begins."""
    with ready.engine.connect() as connection:
        rows = list(connection.execute(text(ENDS)))
    steps = sorted([(begins, 1) for begins, _ in rows] + [(ends, -1) for _, ends in rows])
    most = now = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most


def _smaller(ready: Stage) -> Iterator[Verdict]:
    """A clinic file with fewer members than are booked."""
    file = clinics.clinic_file(LANES - 1, [course.minutes for course in COURSES])
    try:
        with ready.sessions() as session:
            clinics.bring(session, [file], now=ready.desk.now, dry_run=True)
        said = "taken"
    except FileProblems:
        said = "refused"
    yield exactly("a clinic file without a room that is booked", said, "refused")
