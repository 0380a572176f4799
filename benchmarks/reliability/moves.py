"""Two coordinators change appointments at the same moment: what one of them did not see is not overwritten."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from benchmarks.reliability import asking, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.crowds import Crowd, Order
from benchmarks.reliability.plans import FIRST_DAY, Visit
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, told
from coordinator.models import Appointment, TreatmentPlan

COURSE = Course(1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment as a page shows it."""

    id: int
    version: int
    starts_at: datetime
    plan_id: int
    plan_version: int

    def to(self, starts_at: datetime) -> Order:
        """What is sent to move it."""
        form = {"starts_at": starts_at.isoformat(), "version": self.version}
        return "POST", f"/appointments/{self.id}/move", form

    def off(self) -> Order:
        """What is sent to cancel it."""
        return "POST", f"/appointments/{self.id}/cancel", {"version": self.version, "why": "ill"}

    def swapped_with(self, other: "Booked") -> Order:
        """What is sent to swap it with another."""
        form = {"other": f"{other.id}.{other.version}", "version": self.version}
        return "POST", f"/appointments/{self.id}/swap", form

    def shifted(self, minutes: int) -> Order:
        """What is sent to shift its whole plan."""
        form = {"amount": minutes, "unit": "minutes", "version": self.plan_version}
        return "POST", f"/plans/{self.plan_id}/shift", form


Race = Callable[[Booked, Booked], list[Order]]
RACES: dict[str, Race] = {
    "both to the same free time": lambda one, other: [
        one.to(one.starts_at + HOUR),
        other.to(one.starts_at + HOUR),
    ],
    "one appointment, two times": lambda one, _: [
        one.to(one.starts_at + HOUR),
        one.to(one.starts_at + 2 * HOUR),
    ],
    "move and cancel": lambda one, _: [one.to(one.starts_at + HOUR), one.off()],
    "cancel and cancel": lambda one, _: [one.off(), one.off()],
    "swap from both ends": lambda one, other: [one.swapped_with(other), other.swapped_with(one)],
    "swap and move": lambda one, other: [one.swapped_with(other), one.to(one.starts_at + HOUR)],
    "the whole plan half an hour later, twice": lambda one, _: [one.shifted(30), one.shifted(30)],
    "the whole plan later, and one of it": lambda one, _: [one.shifted(30), one.to(one.starts_at + HOUR)],
}
"""What two send at once; one of them may have it."""


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Run each race some times, on a clinic with one lane."""
    parser = asking.parser("moves", __doc__)
    parser.add_argument("--rounds", type=int, default=10, help="of each race (%(default)s)")
    asked = parser.parse_args(arguments)
    count = asked.rounds * (len(RACES) + 1)
    with (
        stage.prepared(
            asked.database, lanes=1, patients=2 * (count + 1), courses=[COURSE], coordinators=2
        ) as ready,
        ready.crowd() as crowd,
    ):
        days = iter(range(FIRST_DAY, FIRST_DAY + count + 1))
        verdicts: list[Verdict] = []
        for name, race in RACES.items():
            verdicts += _one_wins(ready, crowd, name, race, [next(days) for _ in range(asked.rounds)])
        verdicts += _swapped(ready, crowd, [next(days) for _ in range(asked.rounds)])
        verdicts += _stale(ready, crowd, next(days))
        return [*verdicts, exactly("overlapping claims", truths.overlaps(ready.engine), 0)]


def _one_wins(ready: Stage, crowd: Crowd, name: str, race: Race, days: Sequence[int]) -> Iterator[Verdict]:
    answers: Counter[tuple[int, ...]] = Counter()
    for day in days:
        got = crowd.at_once(race(*_pair(ready, crowd, day)))
        answers[tuple(sorted(each.status for each in got))] += 1
    lost = answers[303, 409] + answers[303, 422]
    yield exactly(f"{name}: one has it, the other is told so", lost, len(days))
    yield told(f"{name}: answers", dict(answers))


def _swapped(ready: Stage, crowd: Crowd, days: Sequence[int]) -> Iterator[Verdict]:
    """Each wants the other's time, by moves of one: neither can have it, and both keep what they have."""
    answers: Counter[tuple[int, ...]] = Counter()
    kept = 0
    for day in days:
        one, other = _pair(ready, crowd, day)
        got = crowd.at_once([one.to(other.starts_at), other.to(one.starts_at)])
        answers[tuple(sorted(each.status for each in got))] += 1
        kept += (_seen(ready, one.id).starts_at, _seen(ready, other.id).starts_at) == (
            one.starts_at,
            other.starts_at,
        )
    yield exactly("each to the other's time: both keep theirs", kept, len(days))
    yield told("each to the other's time: answers", dict(answers))


def _stale(ready: Stage, crowd: Crowd, day: int) -> Iterator[Verdict]:
    one, _ = _pair(ready, crowd, day)
    first, again = crowd.in_turn([[one.to(one.starts_at + HOUR), one.to(one.starts_at + 2 * HOUR)]])[0]
    yield exactly("a page that is older than a move", (first.status, again.status), (303, 409))
    yield exactly("nothing of it was changed", _seen(ready, one.id).starts_at, one.starts_at + HOUR)


def _pair(ready: Stage, crowd: Crowd, day: int) -> tuple[Booked, Booked]:
    """Two patients' appointments on one date, at eight and at twelve."""
    ids = ready.desk.clinic.patient_ids[2 * (day - FIRST_DAY) :][:2]
    plans = [ready.desk.approved(each, COURSE) for each in ids]
    offers = ready.desk.offer(
        (plan, [Visit(day, hour * 60, 0)]) for plan, hour in zip(plans, (8, 12), strict=True)
    )
    assert [each.status for each in crowd.at_once([offer.order for offer in offers])] == [303, 303]
    with ready.sessions() as session:
        one, other = (
            session.scalars(select(Appointment.id).where(Appointment.plan_id == each.plan_id)).one()
            for each in offers
        )
    return _seen(ready, one), _seen(ready, other)


def _seen(ready: Stage, appointment_id: int) -> Booked:
    with ready.sessions() as session:
        row = session.get_one(Appointment, appointment_id)
        plan = session.get_one(TreatmentPlan, row.plan_id)
        return Booked(row.id, row.version, row.starts_at, plan.id, plan.version)
